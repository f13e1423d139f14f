import { applyRefunds, withRefund } from './apply-refunds.js';
import { unchanged, type ClawbackPolicy, type Order, type OrderChange } from './order.js';

/** A refund that somebody has released counts as if it had come in time; before its order, it waits. */
export function releaseRefund(order: Order, refundId: string, policy: ClawbackPolicy): OrderChange {
  const refund = order.refunds.find((one) => one.refundId === refundId);
  if (refund?.state !== 'review') return unchanged(order);
  const waiting = { ...refund, state: 'waiting', reason: undefined } as const;
  if (!order.purchase) return unchanged(withRefund(order, waiting));
  return applyRefunds(withRefund(order, waiting), [waiting], policy);
}

export function refuseRefund(order: Order, refundId: string): OrderChange {
  const refund = order.refunds.find((one) => one.refundId === refundId);
  if (refund?.state !== 'review') return unchanged(order);
  return unchanged(withRefund(order, { ...refund, state: 'rejected', reason: 'refused' }));
}
