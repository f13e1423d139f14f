import type { Instant } from '@kizuna/kernel';
import type { KnownWhenDeciding } from './known-when-deciding.js';
import type { RefundedAmounts } from './refunded-value.js';

/** One line of a purchase with the two amounts that were decided once, when it arrived. Minor units. */
export interface OrderLine {
  readonly lineId: string;
  readonly paid: bigint;
  readonly eligible: bigint;
}

/** What the ledger does where the units of a refunded award are spent. */
export type ClawbackPolicy = 'negative' | 'within_balance' | 'pending_only';

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
  /** Somebody has to look at it before it can earn. */
  readonly review: ReviewReason | undefined;
  /** Somebody has looked, and it never earns. */
  readonly isRefused: boolean;
  readonly ruleSetRevision: number;
  readonly settingsRevision: number;
  readonly known: KnownWhenDeciding;
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
  readonly reason: RefundRejectionReason | 'late' | 'refused' | undefined;
  /** What this refund asked for beyond its line or the order. Minor units. */
  readonly over: bigint;
  readonly clawbacks: readonly Clawback[];
}

/** What one refund took back of one award; `total` is all that was taken back of it by then. */
export interface Clawback {
  readonly awardId: string;
  readonly rule: string;
  readonly wallet: string;
  readonly taken: bigint;
  readonly total: bigint;
}

export interface Award {
  readonly awardId: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly wallet: string;
  readonly amount: bigint;
  /** Units per line, or nothing but zeros: a fixed bonus belongs to no line. */
  readonly lines: readonly bigint[];
  /** Of its rule: below it, what is left of the order keeps nothing of this award. Minor units. */
  readonly minimumEligible: bigint | undefined;
  /** undefined = available at once */
  readonly releaseAt: Instant | undefined;
  /** undefined = never */
  readonly expiresAt: Instant | undefined;
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
  /** Refunded as a whole: it is no order of the member's any more. */
  readonly isCancelled: boolean;
}

/** Other content that came under the id of an event that was recorded before: kept, never applied. */
export interface Conflict {
  readonly eventId: string;
  readonly dataHash: string;
  /** Of the event that was not applied; null = guest. */
  readonly memberId: string | null;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
}

export function unknownOrder(programId: string, orderId: string): Order {
  return {
    programId,
    orderId,
    purchase: undefined,
    refunds: [],
    awards: [],
    conflicts: [],
    isCancelled: false,
  };
}

/** What a decision lets others know. */
export type OrderFact =
  | {
      readonly kind: 'granted';
      readonly award: Award;
      readonly ruleLabel: string;
      readonly ruleLabelJa: string | undefined;
      readonly memberId: string;
      readonly occurredAt: Instant;
    }
  | {
      readonly kind: 'clawed_back';
      readonly award: Award;
      readonly policy: ClawbackPolicy;
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
  /** Rules that failed when this was decided; absent where no rule was asked. */
  readonly rulesFailed?: number;
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
    order: {
      ...order,
      conflicts: [...order.conflicts, { eventId, dataHash, memberId, occurredAt, receivedAt }],
    },
    facts: [],
    rejected: [{ code: 'conflict', eventId, memberId, occurredAt }],
  };
}
