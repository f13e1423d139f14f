/**
 * What a program owes its members, worked out a second time from the requests that were acknowledged.
 *
 * The reconciliation is worth something only while this file shares nothing with the product: it imports nothing, and
 * every rule here is written from `semantics.md` and `examples.md`. Money and units are BigInt from the first read to the
 * last division; figures leave as whole numbers only at the very end. First cut: base rates, everything available at once.
 */

/** One acknowledged or refused POST; `received_at` is optional, and without it no event is judged late. */
export interface SentRequest {
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
  readonly received_at?: string;
}

export interface ProgramFacts {
  readonly program_id: string;
  readonly time_zone: string;
  readonly currency: string;
  readonly rounding: 'floor' | 'half_even' | 'ceil';
  readonly earn_net_of_tax: boolean;
  readonly late_window_days: number;
  readonly starts_at: string;
  readonly max_award: number;
}

export interface Figures {
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

export interface CalculatedLine {
  readonly line_id: string;
  readonly eligible_minor: number;
  readonly units: number;
}

export interface CalculatedAward {
  readonly rule: string;
  readonly rule_version: number;
  readonly wallet: string;
  readonly amount: number;
  readonly lines: readonly CalculatedLine[];
  readonly clawback_total: number;
}

export type RefundState = 'applied' | 'waiting' | 'review' | 'foreign_member' | 'foreign_currency';

export interface CalculatedRefund {
  readonly refund_id: string;
  readonly state: RefundState;
  /** What this refund added to the amount over its lines or its order. */
  readonly over_minor: number;
}

export type ReviewReason = 'late' | 'before_start' | 'amount_over_limit';

export interface CalculatedOrder {
  readonly order_id: string;
  /** null: a guest, or an order that is known only from a refund. */
  readonly member_id: string | null;
  readonly state: 'decided' | 'awaited' | 'review';
  readonly review_reason?: ReviewReason;
  readonly awards: readonly CalculatedAward[];
  readonly not_awarded: readonly Readonly<{ rule: string; wallet: string; reason: 'currency_not_covered' }>[];
  readonly refunds: readonly CalculatedRefund[];
  readonly over_minor: number;
  /** Event ids that arrived again with other content. */
  readonly conflicts: readonly string[];
}

export interface Calculation {
  /** Every member named by an acknowledged event, those who must own nothing included. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, Figures>>;
  readonly orders: ReadonlyMap<string, CalculatedOrder>;
  readonly totals: Readonly<{ earned: number; clawed_back: number }>;
  /** Acknowledged requests that this calculation cannot judge: never passed over in silence. */
  readonly not_covered: readonly string[];
}

interface PurchaseLine {
  line_id: string;
  sku: string;
  category?: string | null;
  brand?: string | null;
  kind?: string | null;
  quantity: number;
  unit_price_minor: number;
  discount_minor?: number | null;
  tax_minor?: number | null;
}
interface Purchase {
  order_id: string;
  member_id: string | null;
  occurred_at: string;
  currency: string;
  lines: readonly PurchaseLine[];
  prices_include_tax: boolean;
  discount_minor?: number | null;
  tax_minor?: number | null;
  paid_with_points_minor?: number | null;
}
interface Refund {
  refund_id: string;
  order_id: string;
  member_id: string | null;
  occurred_at: string;
  currency: string;
  lines?: readonly { line_id: string; amount_minor: number }[] | null;
  amount_minor?: number | null;
  full?: boolean | null;
}
interface Rule {
  code: string;
  trigger: string;
  wallet: string;
  priority?: number;
  line_filter?: Readonly<
    Partial<Record<'skus' | 'categories' | 'brands' | 'kinds', readonly string[]>>
  > | null;
  reward: { kind: string; rates: readonly { currency: string; units: number; per_minor: number }[] };
  valid_from: string;
  valid_to?: string | null;
}
interface RuleVersion {
  readonly rule: Rule;
  readonly version: number;
  readonly from: number;
  until: number;
}
interface Amounts {
  readonly paid: bigint[];
  readonly eligible: bigint[];
}
interface Award {
  readonly version: RuleVersion;
  readonly amount: bigint;
  readonly units: bigint[];
}
interface RefundRecord {
  readonly body: Refund;
  state: RefundState;
  over: bigint;
}
interface OrderRecord {
  purchase?: Purchase;
  review?: ReviewReason;
  amounts: Amounts;
  awards: Award[];
  uncovered: Rule[];
  readonly refunds: RefundRecord[];
  readonly conflicts: Set<string>;
  /** Refunded so far per line id (also ids that the order does not have), and without lines. */
  readonly byLine: Map<string, bigint>;
  withoutLines: bigint;
}

const DAY_MS = 86_400_000;
/** A rule that says more than this would be judged wrongly, so it is reported instead. */
const KNOWN = {
  rule: ['code', 'label', 'trigger', 'wallet', 'priority', 'line_filter', 'reward', 'valid_from', 'valid_to'],
  reward: ['kind', 'rates'],
  filter: ['skus', 'categories', 'brands', 'kinds'],
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const notBelowZero = (a: bigint): bigint => (a > 0n ? a : 0n);
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const minor = (value: number | null | undefined): bigint => BigInt(value ?? 0);
const at = <T>(values: readonly T[], index: number): T => {
  const value = values[index];
  if (value === undefined) throw new Error(`no element ${index}`);
  return value;
};

/** Largest remainder: floors first, then one each to the largest fractions, ties in line order. */
function share(total: bigint, weights: readonly bigint[]): bigint[] {
  const whole = sum(weights);
  if (whole === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (total * weight) / whole);
  const fractions = weights.map((weight, line) => ({ line, rest: (total * weight) % whole }));
  fractions.sort((a, b) => (a.rest === b.rest ? a.line - b.line : a.rest > b.rest ? -1 : 1));
  const missing = Number(total - sum(shares));
  for (const { line } of fractions.slice(0, missing)) shares[line] = at(shares, line) + 1n;
  return shares;
}

function rounded(numerator: bigint, denominator: bigint, how: ProgramFacts['rounding']): bigint {
  const floor = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n || how === 'floor') return floor;
  if (how === 'ceil') return floor + 1n;
  const half = rest * 2n - denominator;
  return half > 0n || (half === 0n && floor % 2n === 1n) ? floor + 1n : floor;
}

/** paid_i and eligible_i of every line. Discounts and points above what they can reduce are capped, never negative. */
function amountsOf(purchase: Purchase, earnNetOfTax: boolean): Amounts {
  const { lines } = purchase;
  const gross = lines.map((line) =>
    notBelowZero(minor(line.quantity) * minor(line.unit_price_minor) - minor(line.discount_minor)),
  );
  const discounts = share(least(minor(purchase.discount_minor), sum(gross)), gross);
  const paid = gross.map((value, i) => value - at(discounts, i));
  const points = share(least(minor(purchase.paid_with_points_minor), sum(paid)), paid);

  // A line that states its tax keeps it; only what is left of the order's tax is shared, and only among the others.
  const stated = sum(lines.map((line) => minor(line.tax_minor)));
  const unstated = lines.map((line, i) => (typeof line.tax_minor === 'number' ? 0n : at(paid, i)));
  const shared = share(notBelowZero(minor(purchase.tax_minor) - stated), unstated);

  const eligible = lines.map((line, i) => {
    const value = at(paid, i);
    if (value === 0n || line.kind === 'gift_card') return 0n;
    const counts = purchase.prices_include_tax && earnNetOfTax;
    const tax = counts ? least(minor(line.tax_minor) + at(shared, i), value) : 0n;
    return ((value - at(points, i)) * (value - tax)) / value;
  });
  return { paid, eligible };
}

function matches(rule: Rule, line: PurchaseLine): boolean {
  const filter = rule.line_filter ?? {};
  const fits = (wanted: readonly string[] | undefined, value: string | null | undefined): boolean =>
    wanted === undefined || (typeof value === 'string' && wanted.includes(value));
  return (
    fits(filter.skus, line.sku) &&
    fits(filter.categories, line.category) &&
    fits(filter.brands, line.brand) &&
    fits(filter.kinds, line.kind ?? 'product')
  );
}

/** Chain order of base rules: highest priority first, then code. */
function inChainOrder(a: RuleVersion, b: RuleVersion): number {
  const byPriority = (b.rule.priority ?? 0) - (a.rule.priority ?? 0);
  return byPriority || (a.rule.code < b.rule.code ? -1 : 1);
}

/** The awards of one wallet: each line belongs to the first rule of the chain that matches it; rounding is cumulative. */
function awardsInWallet(
  chain: readonly RuleVersion[],
  purchase: Purchase,
  eligible: readonly bigint[],
  rounding: ProgramFacts['rounding'],
): { awards: Award[]; uncovered: Rule[] } {
  const owner = purchase.lines.map((line) => chain.find(({ rule }) => matches(rule, line)));
  const awards: Award[] = [];
  const uncovered: Rule[] = [];
  let [numerator, denominator] = [0n, 1n];
  for (const version of chain) {
    if (!owner.includes(version)) continue;
    const rate = version.rule.reward.rates.find(({ currency }) => currency === purchase.currency);
    if (rate === undefined) {
      uncovered.push(version.rule);
      continue;
    }
    const weights = eligible.map((value, i) => (owner[i] === version ? value : 0n));
    const before = rounded(numerator, denominator, rounding);
    numerator = numerator * minor(rate.per_minor) + sum(weights) * minor(rate.units) * denominator;
    denominator *= minor(rate.per_minor);
    const amount = rounded(numerator, denominator, rounding) - before;
    // One rule has one rate, so eligible money weighs its lines exactly as its units do.
    if (amount > 0n) awards.push({ version, amount, units: share(amount, weights) });
  }
  return { awards, uncovered };
}

/** Value still in the order after the refunds on lines (`rest`), and what was refunded above a line or the order. */
function standing(order: OrderRecord): { x: bigint[]; rest: bigint; spread: bigint; over: bigint } {
  const lines = order.purchase?.lines ?? [];
  const x = lines.map((line, i) => least(order.byLine.get(line.line_id) ?? 0n, at(order.amounts.paid, i)));
  const rest = sum(order.amounts.paid) - sum(x);
  const spread = least(order.withoutLines, rest);
  return { x, rest, spread, over: sum([...order.byLine.values()]) - sum(x) + (order.withoutLines - spread) };
}

/** The cumulative clawback of one award: Σ floor(units_i × R_i ÷ paid_i) with R_i = x_i + U × (paid_i − x_i) ÷ rest. */
function clawbackOf(award: Award, order: OrderRecord): bigint {
  const { x, rest, spread } = standing(order);
  const parts = award.units.map((units, i) => {
    const paid = at(order.amounts.paid, i);
    if (units === 0n || paid === 0n) return 0n;
    if (rest === 0n) return (units * at(x, i)) / paid;
    const refunded = at(x, i) * rest + spread * (paid - at(x, i));
    return (units * refunded) / (rest * paid);
  });
  return sum(parts);
}

/** RFC 8785 for what JSON can carry here. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

class Books {
  readonly orders = new Map<string, OrderRecord>();
  readonly members = new Set<string>();
  readonly notCovered: string[] = [];
  private readonly rules = new Map<string, RuleVersion[]>();
  private readonly seen = new Map<string, string>();

  constructor(private readonly program: ProgramFacts) {}

  rule(rule: Rule): void {
    const unknown = [
      ...Object.keys(rule).filter((key) => !KNOWN.rule.includes(key)),
      ...Object.keys(rule.reward).filter((key) => !KNOWN.reward.includes(key)),
      ...Object.keys(rule.line_filter ?? {}).filter((key) => !KNOWN.filter.includes(key)),
    ];
    if (rule.trigger !== 'purchase' || rule.reward.kind !== 'base_rate' || unknown.length > 0) {
      this.notCovered.push(
        `rule ${rule.code} (${rule.trigger}, ${rule.reward.kind}) ${unknown.join(' ')}`.trim(),
      );
      return;
    }
    const versions = this.rules.get(rule.code) ?? [];
    const from = Date.parse(rule.valid_from);
    for (const earlier of versions) earlier.until = Math.min(earlier.until, from);
    const until = typeof rule.valid_to === 'string' ? Date.parse(rule.valid_to) : Infinity;
    versions.push({ rule, version: versions.length + 1, from, until });
    this.rules.set(rule.code, versions);
  }

  purchase(purchase: Purchase, receivedAt: string | undefined): void {
    const order = this.orderOf(purchase.order_id);
    if (purchase.member_id !== null) this.members.add(purchase.member_id);
    if (!this.isNew(`purchase:${purchase.order_id}`, purchase, order)) return;
    order.purchase = purchase;
    order.amounts = amountsOf(purchase, this.program.earn_net_of_tax);
    order.review = this.reviewReason(purchase.occurred_at, receivedAt);
    if (order.review === undefined && purchase.member_id !== null) this.decide(order, purchase);
    for (const refund of order.refunds) this.settle(order, refund);
  }

  refund(body: Refund, receivedAt: string | undefined): void {
    const order = this.orderOf(body.order_id);
    if (body.member_id !== null) this.members.add(body.member_id);
    if (!this.isNew(`refund:${body.order_id}:${body.refund_id}`, body, order)) return;
    const late = this.reviewReason(body.occurred_at, receivedAt) !== undefined;
    const refund: RefundRecord = { body, state: late ? 'review' : 'waiting', over: 0n };
    order.refunds.push(refund);
    this.settle(order, refund);
  }

  private orderOf(orderId: string): OrderRecord {
    const known = this.orders.get(orderId);
    if (known !== undefined) return known;
    const lists = { awards: [], uncovered: [], refunds: [], conflicts: new Set<string>() };
    const order = { ...lists, amounts: { paid: [], eligible: [] }, byLine: new Map(), withoutLines: 0n };
    this.orders.set(orderId, order);
    return order;
  }

  /** The first content of an event id stands for ever; the same again has no effect, another is a conflict. */
  private isNew(eventId: string, body: Purchase | Refund, order: OrderRecord): boolean {
    // Two spellings of one moment are one content.
    const content = canonical({ ...body, occurred_at: new Date(body.occurred_at).toISOString() });
    const first = this.seen.get(eventId);
    if (first === undefined) this.seen.set(eventId, content);
    else if (first !== content) order.conflicts.add(eventId);
    return first === undefined;
  }

  private reviewReason(occurredAt: string, receivedAt: string | undefined): ReviewReason | undefined {
    const occurred = Date.parse(occurredAt);
    if (occurred < Date.parse(this.program.starts_at)) return 'before_start';
    if (receivedAt === undefined) return undefined;
    return Date.parse(receivedAt) - occurred > this.program.late_window_days * DAY_MS ? 'late' : undefined;
  }

  private decide(order: OrderRecord, purchase: Purchase): void {
    const occurred = Date.parse(purchase.occurred_at);
    const valid = [...this.rules.values()]
      .flat()
      .filter(({ from, until }) => from <= occurred && occurred < until);
    for (const wallet of new Set(valid.map(({ rule }) => rule.wallet))) {
      const chain = valid.filter(({ rule }) => rule.wallet === wallet).sort(inChainOrder);
      const decided = awardsInWallet(chain, purchase, order.amounts.eligible, this.program.rounding);
      order.awards.push(...decided.awards);
      order.uncovered.push(...decided.uncovered);
    }
    // One award over the limit holds back the whole order: what is in review must not change a balance.
    if (order.awards.every(({ amount }) => amount <= minor(this.program.max_award))) return;
    order.review = 'amount_over_limit';
    order.awards = [];
  }

  private settle(order: OrderRecord, refund: RefundRecord): void {
    const { purchase } = order;
    const { body } = refund;
    if (purchase === undefined || refund.state !== 'waiting') return;
    if (body.member_id !== purchase.member_id) refund.state = 'foreign_member';
    else if (body.currency !== purchase.currency) refund.state = 'foreign_currency';
    else if (order.review === undefined) {
      const before = standing(order);
      for (const { line_id, amount_minor } of body.lines ?? [])
        order.byLine.set(line_id, (order.byLine.get(line_id) ?? 0n) + minor(amount_minor));
      // `full` is a refund without lines of whatever is still there, so it is never over the order itself.
      if (body.full === true) order.withoutLines += before.rest - before.spread;
      else order.withoutLines += minor(body.amount_minor);
      refund.over = standing(order).over - before.over;
      refund.state = 'applied';
    }
  }
}

function read(books: Books, { path, body, status, answer, received_at: receivedAt }: SentRequest): void {
  if (status < 200 || status > 299) return;
  const door = path.split('?')[0] ?? path;
  const refund = /^\/v1\/purchases\/([^/]+)\/refunds$/.exec(door);
  if (door === '/v1/rules') books.rule(body as Rule);
  else if (door === '/v1/purchases') books.purchase(body as Purchase, receivedAt);
  else if (refund?.[1] !== undefined)
    books.refund({ order_id: decodeURIComponent(refund[1]), ...(body as object) } as Refund, receivedAt);
  else if (door === '/v1/events') readBatch(books, body, answer, receivedAt);
  else if (!door.endsWith('/refunds/preview')) books.notCovered.push(`POST ${door}`);
}

function readBatch(books: Books, body: unknown, answer: unknown, receivedAt: string | undefined): void {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  const { results } = (answer ?? {}) as { results?: readonly { status: number }[] };
  items.forEach((item, i) => {
    // A single event may be answered without a list: then the status of the request, already a 2xx, speaks for it.
    if (results === undefined ? Array.isArray(body) : results[i]?.status !== 202) return;
    const { type, data } = item as { type: string; data: unknown };
    if (type === 'kizuna.purchase.completed.v1') books.purchase(data as Purchase, receivedAt);
    else if (type === 'kizuna.purchase.refunded.v1') books.refund(data as Refund, receivedAt);
    else books.notCovered.push(`event ${type}`);
  });
}

function calculatedOrder(orderId: string, order: OrderRecord): CalculatedOrder {
  const { purchase, amounts } = order;
  const lines = purchase?.lines ?? [];
  return {
    order_id: orderId,
    member_id: purchase?.member_id ?? null,
    state: purchase === undefined ? 'awaited' : order.review === undefined ? 'decided' : 'review',
    ...(order.review === undefined ? {} : { review_reason: order.review }),
    awards: order.awards.map((award) => ({
      rule: award.version.rule.code,
      rule_version: award.version.version,
      wallet: award.version.rule.wallet,
      amount: Number(award.amount),
      lines: lines.map(({ line_id }, i) => ({
        line_id,
        eligible_minor: Number(at(amounts.eligible, i)),
        units: Number(at(award.units, i)),
      })),
      clawback_total: Number(clawbackOf(award, order)),
    })),
    not_awarded: order.uncovered.map(({ code, wallet }) => ({
      rule: code,
      wallet,
      reason: 'currency_not_covered',
    })),
    refunds: order.refunds.map(({ body, state, over }) => ({
      refund_id: body.refund_id,
      state,
      over_minor: Number(over),
    })),
    over_minor: order.refunds.reduce((total, { over }) => total + Number(over), 0),
    conflicts: [...order.conflicts],
  };
}

/** Requests come in the order in which they were acknowledged; refused ones are passed over. */
export function calculate(program: ProgramFacts, requests: Iterable<SentRequest>): Calculation {
  const books = new Books(program);
  for (const request of requests) read(books, request);

  const orders = new Map([...books.orders].map(([id, order]) => [id, calculatedOrder(id, order)]));
  const members = new Map([...books.members].map((id) => [id, new Map<string, Figures>()]));
  const totals = { earned: 0, clawed_back: 0 };
  for (const { member_id, awards } of orders.values()) {
    for (const { wallet, amount, clawback_total } of awards) {
      const wallets = member_id === null ? undefined : members.get(member_id);
      const available = (wallets?.get(wallet)?.available ?? 0) + amount - clawback_total;
      wallets?.set(wallet, { pending: 0, available, held: 0, debt: 0 });
      totals.earned += amount;
      totals.clawed_back += clawback_total;
    }
  }
  return { members, orders, totals, not_covered: books.notCovered };
}
