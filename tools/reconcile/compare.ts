import type {
  CalculatedAward,
  CalculatedOrder,
  CalculatedRefund,
  Calculation,
  Figures,
} from './calculation.js';

/** GET /v1/members/{id}/wallets: one entry per wallet. */
export interface WalletRead extends Figures {
  readonly wallet: string;
}

/** GET /v1/awards?order_id=: one entry per award. */
export interface AwardRead {
  readonly rule: string;
  readonly rule_version: number;
  readonly wallet: string;
  readonly amount: number;
  readonly clawback_total: number;
}

/** The public reads of one program. What is not known answers with nothing (`[]`, `undefined`); a failed read throws. */
export interface ProgramReads {
  wallets(memberId: string): Promise<readonly WalletRead[]>;
  purchase(orderId: string): Promise<unknown>;
  awards(orderId: string): Promise<readonly AwardRead[]>;
}

export interface Comparison {
  readonly compared: Readonly<{ members: number; orders: number; awards: number; refunds: number }>;
  /** One sentence per difference, naming the member or order, what was expected and what was found. */
  readonly differences: readonly string[];
}

interface StatusAward extends AwardRead {
  readonly lines?: readonly { line_id: string; eligible_minor: number; units: number }[];
}

interface PurchaseStatus {
  readonly member_id?: string | null;
  readonly state?: string;
  readonly review_reason?: string;
  readonly awards?: readonly StatusAward[];
  readonly refunds?: readonly { refund_id: string; state: string; reason?: string; over_minor: number }[];
  readonly conflicts?: readonly { event_id: string }[];
}

const CONCURRENCY = 8;
const FIGURES = ['pending', 'available', 'held', 'debt'] as const;
const NONE: Figures = { pending: 0, available: 0, held: 0, debt: 0 };

/** Compares everything the calculation knows with what the program answers; the reads run a few at a time. */
export async function compare(
  calculation: Calculation,
  reads: ProgramReads,
  concurrency = CONCURRENCY,
): Promise<Comparison> {
  const differences = calculation.not_covered.map((request) => `The calculation does not cover: ${request}.`);
  const compared = { members: 0, orders: 0, awards: 0, refunds: 0 };

  await inParallel(calculation.members, concurrency, async ([memberId, wallets]) => {
    differences.push(...walletDifferences(memberId, wallets, await reads.wallets(memberId)));
    compared.members += 1;
  });
  await inParallel(calculation.orders.values(), concurrency, async (order) => {
    const [status, awards] = await Promise.all([
      reads.purchase(order.order_id),
      reads.awards(order.order_id),
    ]);
    differences.push(...orderDifferences(order, status, awards));
    compared.orders += 1;
    compared.awards += order.awards.length;
    compared.refunds += order.refunds.length;
  });
  // Reads finish in any order; two runs over the same state should still read the same.
  return { compared, differences: differences.sort() };
}

/** A wallet that only one side has is a wallet of zeros on the other: figures without a ground are found too. */
function walletDifferences(
  memberId: string,
  expected: ReadonlyMap<string, Figures>,
  found: readonly WalletRead[],
): string[] {
  const differences = repeated(found.map(({ wallet }) => wallet)).map(
    (wallet) => `Member ${memberId}: the wallet ${wallet} is answered more than once.`,
  );
  const foundByWallet = new Map(found.map((wallet) => [wallet.wallet, wallet]));
  for (const wallet of new Set([...expected.keys(), ...foundByWallet.keys()])) {
    const should = expected.get(wallet) ?? NONE;
    const is = foundByWallet.get(wallet) ?? NONE;
    for (const figure of FIGURES)
      if (should[figure] !== is[figure])
        differences.push(
          `Member ${memberId}, wallet ${wallet}: ${figure} should be ${should[figure]}, found ${is[figure]}.`,
        );
  }
  return differences;
}

function orderDifferences(order: CalculatedOrder, answer: unknown, awards: readonly AwardRead[]): string[] {
  const name = `Order ${order.order_id}`;
  if (typeof answer !== 'object' || answer === null)
    return [`${name}: should be ${order.state}, found nothing.`];
  const status: PurchaseStatus = answer;
  const eventIds = (status.conflicts ?? []).map(({ event_id }) => event_id);
  return [
    ...different(`${name}: the state`, order.state, status.state),
    ...different(`${name}: the review reason`, order.review_reason, status.review_reason),
    // Whose order it is cannot be known before it has arrived.
    ...(order.state === 'awaited' ? [] : different(`${name}: the member`, order.member_id, status.member_id)),
    ...awardDifferences(`${name}, status`, order.awards, status.awards ?? []),
    ...awardDifferences(`${name}, awards`, order.awards, awards),
    ...order.awards.flatMap((award) => lineDifferences(name, award, status.awards ?? [])),
    ...refundDifferences(name, order.refunds, status.refunds ?? []),
    // How often the same conflict is listed is the product's choice; which events are in conflict is not.
    ...different(`${name}: the conflicts`, listed(order.conflicts), listed(eventIds)),
  ];
}

const awardName = ({ rule, wallet }: { rule: string; wallet: string }): string => `${rule} (${wallet})`;

function awardDifferences(
  name: string,
  expected: readonly CalculatedAward[],
  answered: readonly AwardRead[],
): string[] {
  // An award of nothing may be listed for its explanation; it is no award.
  const found = answered.filter(({ amount, clawback_total }) => amount !== 0 || clawback_total !== 0);
  const differences = repeated(found.map(awardName)).map(
    (award) => `${name}: ${award} should be awarded once, found more than once.`,
  );
  const foundByName = new Map(found.map((award) => [awardName(award), award]));
  for (const should of expected) {
    const award = awardName(should);
    const is = foundByName.get(award);
    foundByName.delete(award);
    if (is === undefined) {
      differences.push(`${name}: ${award} should be ${should.amount} units, found no award.`);
      continue;
    }
    differences.push(
      ...different(`${name}: the units of ${award}`, should.amount, is.amount),
      ...different(`${name}: the version of ${award}`, should.rule_version, is.rule_version),
      ...different(`${name}: the clawback of ${award}`, should.clawback_total, is.clawback_total),
    );
  }
  for (const [award, { amount }] of foundByName)
    differences.push(`${name}: ${award} should not be awarded, found ${amount} units.`);
  return differences;
}

/** Lines without units may be left out of the answer, so only lines that carry units on one side are compared. */
function lineDifferences(name: string, expected: CalculatedAward, awards: readonly StatusAward[]): string[] {
  const award = awardName(expected);
  const found = awards.find((candidate) => awardName(candidate) === award);
  if (found === undefined) return [];
  const foundById = new Map((found.lines ?? []).map((line) => [line.line_id, line]));
  const differences: string[] = [];
  for (const { line_id, units, eligible_minor } of expected.lines) {
    const is = foundById.get(line_id);
    foundById.delete(line_id);
    differences.push(
      ...different(`${name}: the units of ${award} on line ${line_id}`, units, is?.units ?? 0),
    );
    if (units > 0 && is !== undefined)
      differences.push(
        ...different(`${name}: the eligible amount of line ${line_id}`, eligible_minor, is.eligible_minor),
      );
  }
  for (const { line_id } of foundById.values())
    differences.push(`${name}: ${award} names line ${line_id}, which the order does not have.`);
  return differences;
}

function refundDifferences(
  name: string,
  expected: readonly CalculatedRefund[],
  found: NonNullable<PurchaseStatus['refunds']>,
): string[] {
  const differences = repeated(found.map(({ refund_id }) => refund_id)).map(
    (refundId) => `${name}: refund ${refundId} should be there once, found more than once.`,
  );
  const foundById = new Map(found.map((refund) => [refund.refund_id, refund]));
  for (const { refund_id, state, over_minor } of expected) {
    const is = foundById.get(refund_id);
    foundById.delete(refund_id);
    const refund = `${name}, refund ${refund_id}`;
    if (is === undefined) {
      differences.push(`${refund}: should be ${state}, found nothing.`);
      continue;
    }
    // On the wire a refund without effect is `rejected` and its reason says why.
    const shown = is.state === 'rejected' ? is.reason : is.state;
    differences.push(
      ...different(`${refund}: the state`, state, shown),
      ...different(`${refund}: the amount over the order`, over_minor, is.over_minor),
    );
  }
  for (const refundId of foundById.keys())
    differences.push(`${name}, refund ${refundId}: was never acknowledged, yet is found.`);
  return differences;
}

function different(what: string, expected: unknown, found: unknown): string[] {
  return expected === found
    ? []
    : [`${what} should be ${String(expected ?? 'none')}, found ${String(found ?? 'none')}.`];
}

const listed = (eventIds: readonly string[]): string => [...new Set(eventIds)].sort().join(', ') || 'none';

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

async function inParallel<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
