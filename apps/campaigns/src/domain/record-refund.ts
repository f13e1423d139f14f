import { applyRefunds, withRefund } from './apply-refunds.js';
import {
  repeated,
  unchanged,
  type ArrivedEvent,
  type ClawbackPolicy,
  type Order,
  type OrderChange,
  type RecordedRefund,
} from './order.js';
import { isLate } from './late.js';
import type { RefundedAmounts } from './refunded-value.js';

export interface ArrivedRefund extends RefundedAmounts, ArrivedEvent {
  readonly refundId: string;
  readonly currency: string;
}

export interface RefundSettings {
  readonly lateWindowDays: number;
  readonly clawbackPolicy: ClawbackPolicy;
}

/** Records a refund, once. Before its purchase it waits; of another member it is rejected; too late it goes to review. */
export function recordRefund(
  order: Order,
  arrived: ArrivedRefund,
  { lateWindowDays, clawbackPolicy }: RefundSettings,
): OrderChange {
  const known = order.refunds.find(({ refundId }) => refundId === arrived.refundId);
  if (known) return repeated(order, known.dataHash, arrived);
  const recorded: RecordedRefund = {
    ...arrived,
    state: 'waiting',
    reason: undefined,
    over: 0n,
    clawbacks: [],
  };
  if (isLate(arrived.occurredAt, arrived.receivedAt, lateWindowDays))
    return unchanged(withRefund(order, { ...recorded, state: 'review', reason: 'late' }));
  if (!order.purchase) return unchanged(withRefund(order, recorded));
  return applyRefunds(order, [recorded], clawbackPolicy);
}
