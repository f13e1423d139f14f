import type {
  Clawback,
  ClawbackPolicy,
  Order,
  OrderChange,
  OrderFact,
  RecordedPurchase,
  RecordedRefund,
  RefundRejectionReason,
  RejectedEvent,
} from './order.js';
import { clawbackTarget, isAllRefunded, refundedValue } from './refunded-value.js';

/** Why a refund cannot belong to this purchase, if so. */
export function refusalOf(
  { memberId, currency }: Pick<RecordedRefund, 'memberId' | 'currency'>,
  purchase: RecordedPurchase,
): { readonly code: RefundRejectionReason } | undefined {
  if (memberId !== purchase.memberId) return { code: 'foreign_member' };
  if (currency !== purchase.currency) return { code: 'foreign_currency' };
  return undefined;
}

/**
 * Applies refunds to a recorded purchase, one after the other, and raises the cumulative clawback of every award to its
 * target. The targets do not depend on the order or split of the refunds, and never fall.
 */
export function applyRefunds(
  order: Order,
  arrived: readonly RecordedRefund[],
  policy: ClawbackPolicy,
): OrderChange {
  let current = order;
  const rejected: RejectedEvent[] = [];
  const facts: OrderFact[] = [];
  for (const refund of arrived) {
    const { purchase } = current;
    if (!purchase) continue;
    const refusal = refusalOf(refund, purchase);
    if (refusal) {
      const { eventId, memberId, occurredAt } = refund;
      rejected.push({ ...refusal, eventId, memberId, occurredAt });
      current = withRefund(current, { ...refund, state: 'rejected', reason: refusal.code });
      continue;
    }
    // What is under review has no awards yet: the refund waits for its release.
    if (purchase.review) {
      current = withRefund(current, { ...refund, state: 'waiting' });
      continue;
    }
    const change = applyOne(current, purchase, refund, policy);
    current = change.order;
    facts.push(...change.facts);
  }
  return { order: current, facts, rejected };
}

function applyOne(
  order: Order,
  purchase: RecordedPurchase,
  refund: RecordedRefund,
  policy: ClawbackPolicy,
): Pick<OrderChange, 'order' | 'facts'> {
  const appliedBefore = order.refunds.filter(
    ({ state, refundId }) => state === 'applied' && refundId !== refund.refundId,
  );
  const after = refundedValue(purchase.lines, [...appliedBefore, refund]);
  const isCancelled = isAllRefunded(purchase.lines, after);
  const over = overOf(refund, purchase, appliedBefore);

  const { refundId, occurredAt } = refund;
  const { memberId } = purchase;
  const facts: OrderFact[] = [];
  const clawbacks: Clawback[] = [];
  const awards = order.awards.map((award) => {
    const clawbackTotal = clawbackTarget(award, purchase.lines, after);
    if (clawbackTotal <= award.clawbackTotal) return award;
    const changed = { ...award, clawbackTotal };
    const { awardId, rule, wallet } = award;
    clawbacks.push({
      awardId,
      rule,
      wallet,
      taken: clawbackTotal - award.clawbackTotal,
      total: clawbackTotal,
    });
    if (memberId !== null)
      facts.push({ kind: 'clawed_back', award: changed, policy, memberId, refundId, occurredAt });
    return changed;
  });
  const applied: RecordedRefund = { ...refund, state: 'applied', reason: undefined, over, clawbacks };
  return { order: withRefund({ ...order, awards, isCancelled }, applied), facts };
}

/** What a refund asks for beyond what is left: all of it once the order was refunded in full. */
function overOf(
  refund: RecordedRefund,
  { lines }: RecordedPurchase,
  before: readonly RecordedRefund[],
): bigint {
  if (refund.full) return 0n;
  if (before.some(({ full }) => full)) return refundedValue([], [refund]).over;
  return refundedValue(lines, [...before, refund]).over - refundedValue(lines, before).over;
}

/** Keeps the order of arrival. */
export function withRefund(order: Order, refund: RecordedRefund): Order {
  const isKnown = order.refunds.some(({ refundId }) => refundId === refund.refundId);
  const refunds = isKnown
    ? order.refunds.map((known) => (known.refundId === refund.refundId ? refund : known))
    : [...order.refunds, refund];
  return { ...order, refunds };
}
