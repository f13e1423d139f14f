import type { Award, Decided } from './books.js';
import { at } from './exact.js';
import { figuresOf, type Account } from './ledger.js';
import type { OrderRecord } from './orders.js';
import type { EngagementRecord } from './engagements.js';
import type { RedemptionRecord } from './redemptions.js';
import type { Doors } from './read.js';
import type {
  CalculatedAward,
  CalculatedEngagement,
  CalculatedOrder,
  CalculatedRedemption,
  Calculation,
  Figures,
  Holding,
  NotAwarded,
} from './results.js';

/** The books as whole numbers and instants. */
export function reportOf({ books, orders, engagements, redemptions }: Doors): Calculation {
  const members = new Map([...books.members].map((id) => [id, new Map<string, Figures>()]));
  const holdings = new Map([...books.members].map((id) => [id, new Map<string, Holding>()]));
  const totals = { earned: 0, clawed_back: 0, redeemed: 0, expired: 0, uncollected: 0 };
  for (const [memberId, wallets] of books.ledger.members)
    for (const [wallet, account] of wallets) {
      const { pending, available, debt } = figuresOf(account);
      const figures = { pending: Number(pending), available: Number(available), held: 0, debt: Number(debt) };
      const holding = holdingOf(account);
      members.get(memberId)?.set(wallet, figures);
      holdings.get(memberId)?.set(wallet, holding);
      totals.earned += holding.awarded;
      totals.redeemed += holding.redeemed;
      totals.expired += holding.expired;
      totals.uncollected += holding.uncollected;
    }
  for (const { awards } of orders.records.values())
    for (const { clawback } of awards) totals.clawed_back += Number(clawback);
  return {
    members,
    holdings,
    orders: mapped(orders.records, calculatedOrder),
    engagements: mapped(engagements.records, calculatedEngagement),
    reviews: mapped(books.reviews, (review_id, { reason, state }) => ({ review_id, reason, state })),
    redemptions: mapped(redemptions.records, calculatedRedemption),
    totals,
    now: instantOf(books.ledger.present) ?? undefined,
    wrong_answers: books.wrongAnswers,
    not_covered: books.notCovered,
  };
}

function mapped<T, R>(records: ReadonlyMap<string, T>, of: (id: string, record: T) => R): Map<string, R> {
  return new Map([...records].map(([id, record]) => [id, of(id, record)]));
}

/** null where there is none: never, or at once. */
const instantOf = (instant: number | undefined): string | null =>
  instant === undefined || !Number.isFinite(instant) ? null : new Date(instant).toISOString();

function holdingOf(account: Account): Holding {
  return {
    lots: account.lots.map((lot) => ({
      ...lot.source,
      occurred_at: new Date(lot.occurredAt).toISOString(),
      amount: Number(lot.amount),
      remaining: Number(lot.remaining),
      is_pending: lot.isPending,
      release_at: instantOf(lot.releaseAt),
      expires_at: instantOf(lot.expiresAt),
    })),
    awarded: Number(account.awarded),
    clawed_back: Number(account.clawedBack),
    redeemed: Number(account.redeemed),
    expired: Number(account.expired),
    debt_offset: Number(account.debtOffset),
    uncollected: Number(account.uncollected),
  };
}

function calculatedOrder(orderId: string, order: OrderRecord): CalculatedOrder {
  const { purchase, amounts } = order;
  const lines = (purchase?.lines ?? []).map(({ line_id }, i) => ({
    line_id,
    eligible: at(amounts.eligible, i),
  }));
  return {
    order_id: orderId,
    member_id: purchase?.member_id ?? null,
    state: order.state,
    ...(order.state === 'review' && order.review !== undefined ? { review_reason: order.review } : {}),
    awards: order.awards.map((award) => calculatedAward(award, lines)),
    not_awarded: notAwarded(order),
    refunds: order.refunds.map(({ body, state, over }) => ({
      refund_id: body.refund_id,
      state,
      over_minor: Number(over),
    })),
    over_minor: order.refunds.reduce((all, { over }) => all + Number(over), 0),
    conflicts: [...order.conflicts],
  };
}

function calculatedEngagement(id: string, record: EngagementRecord): CalculatedEngagement {
  return {
    engagement_id: id,
    member_id: record.body.member_id,
    activity: record.body.activity,
    state: record.state,
    ...(record.state === 'review' && record.review !== undefined ? { review_reason: record.review } : {}),
    awards: record.awards.map((award) => calculatedAward(award, [])),
    not_awarded: notAwarded(record),
    conflicts: [...record.conflicts],
  };
}

function calculatedAward(
  { version, wanted, amount, units, lot, clawback }: Award,
  lines: readonly { readonly line_id: string; readonly eligible: bigint }[],
): CalculatedAward {
  return {
    rule: version.rule.code,
    rule_version: version.number,
    wallet: version.rule.wallet,
    amount: Number(amount),
    lines: lines.map(({ line_id, eligible }, i) => ({
      line_id,
      eligible_minor: Number(eligible),
      units: Number(at(units, i)),
    })),
    clawback_total: Number(clawback),
    ...(wanted === amount ? {} : { cut_from: Number(wanted) }),
    release_at: instantOf(lot.releaseAt),
    expires_at: instantOf(lot.grantedUntil),
  };
}

function notAwarded({ unawarded }: Pick<Decided, 'unawarded'>): NotAwarded[] {
  return unawarded.flatMap(({ version, reasons }) => {
    const [reason, ...also] = reasons;
    const { code: rule, wallet } = version.rule;
    return reason === undefined ? [] : [{ rule, wallet, reason, ...(also.length > 0 ? { also } : {}) }];
  });
}

function calculatedRedemption(id: string, record: RedemptionRecord): CalculatedRedemption {
  const { member_id, wallet, units } = record.body;
  return {
    redemption_id: id,
    member_id,
    wallet,
    units,
    state: record.state,
    refusals: record.refusals,
    split: record.split.map(({ lot, units: taken }) => ({
      ...lot.source,
      units: Number(taken),
      expires_at: instantOf(lot.expiresAt),
    })),
  };
}
