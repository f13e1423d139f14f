import type { Instant } from '@kizuna/kernel';
import type { RefundedAmounts } from './refunded-value.js';

/** One line of a purchase with the two amounts that were decided once, when it arrived. Minor units. */
export interface OrderLine {
  readonly lineId: string;
  readonly paid: bigint;
  readonly eligible: bigint;
}

export type ReviewReason = 'late' | 'amount_over_limit';

export interface RecordedPurchase {
  /** null = guest */
  readonly memberId: string | null;
  readonly eventId: string;
  readonly dataHash: string;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  readonly review: ReviewReason | undefined;
  readonly ruleSetRevision: number;
}

export type RefundState = 'applied' | 'waiting' | 'review' | 'rejected';
export type RefundRejectionReason = 'foreign_member' | 'foreign_currency';

export interface RecordedRefund extends RefundedAmounts {
  readonly refundId: string;
  readonly memberId: string | null;
  readonly eventId: string;
  readonly dataHash: string;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly currency: string;
  readonly state: RefundState;
  readonly reason: RefundRejectionReason | 'late' | undefined;
  /** What this refund asked for beyond its line or the order. Minor units. */
  readonly over: bigint;
}

export interface Award {
  readonly awardId: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly wallet: string;
  readonly amount: bigint;
  readonly lines: readonly bigint[];
  /** Taken back so far, cumulative. */
  readonly clawbackTotal: bigint;
}

/** All that is known of one order. Without a purchase it is awaited: a refund came first. */
export interface Order {
  readonly programId: string;
  readonly orderId: string;
  readonly purchase: RecordedPurchase | undefined;
  readonly refunds: readonly RecordedRefund[];
  readonly awards: readonly Award[];
  readonly conflicts: readonly Conflict[];
}

/** Other content that came under the id of an event that was recorded before: kept, never applied. */
export interface Conflict {
  readonly eventId: string;
  readonly dataHash: string;
  readonly receivedAt: Instant;
}

export function unknownOrder(programId: string, orderId: string): Order {
  return { programId, orderId, purchase: undefined, refunds: [], awards: [], conflicts: [] };
}

/** What a decision lets others know. */
export type OrderFact =
  | {
      readonly kind: 'granted';
      readonly award: Award;
      readonly memberId: string;
      readonly occurredAt: Instant;
    }
  | {
      readonly kind: 'clawed_back';
      readonly award: Award;
      readonly memberId: string;
      readonly refundId: string;
      readonly occurredAt: Instant;
    };

/** A purchase or refund that was accepted at the door and has no effect. */
export type OrderRejection = { readonly code: 'conflict' } | { readonly code: RefundRejectionReason };

export type RejectedEvent = OrderRejection & {
  readonly eventId: string;
  /** Of the rejected event; null = guest. */
  readonly memberId: string | null;
  readonly occurredAt: Instant;
};

/** The order after a decision, and its news. */
export interface OrderChange {
  readonly order: Order;
  readonly facts: readonly OrderFact[];
  readonly rejected: readonly RejectedEvent[];
}

export const unchanged = (order: Order): OrderChange => ({ order, facts: [], rejected: [] });

/** What decides whether an event repeats what is recorded under its id. */
export interface ArrivedEvent {
  readonly memberId: string | null;
  readonly eventId: string;
  readonly dataHash: string;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
}

/** An event whose id is taken: the same content again has no effect, another one is a conflict, told once. */
export function repeated(order: Order, knownHash: string, arrived: ArrivedEvent): OrderChange {
  const { eventId, dataHash, memberId, occurredAt, receivedAt } = arrived;
  if (knownHash === dataHash) return unchanged(order);
  const isTold = order.conflicts.some((known) => known.eventId === eventId && known.dataHash === dataHash);
  if (isTold) return unchanged(order);
  return {
    order: { ...order, conflicts: [...order.conflicts, { eventId, dataHash, receivedAt }] },
    facts: [],
    rejected: [{ code: 'conflict', eventId, memberId, occurredAt }],
  };
}
