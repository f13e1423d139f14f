import { accept, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { ReviewReason } from './order.js';

export type ReviewKind = 'purchase' | 'refund' | 'engagement';
export type Verdict = 'released' | 'refused';

/** Something that does not change a balance before somebody has looked at it. */
export interface Review {
  readonly programId: string;
  readonly reviewId: string;
  readonly kind: ReviewKind;
  /** The order, or the engagement. */
  readonly businessRef: string;
  readonly refundId: string | undefined;
  /** null = guest */
  readonly memberId: string | null;
  readonly reason: ReviewReason;
  readonly occurredAt: Instant;
  readonly openedAt: Instant;
  readonly state: 'open' | Verdict;
  readonly decidedAt: Instant | undefined;
  /** The credential of who decided. */
  readonly decidedBy: string | undefined;
  readonly decisionReason: string | undefined;
}

export const reviewIdOf = {
  purchase: (orderId: string): string => `purchase:${orderId}`,
  refund: (orderId: string, refundId: string): string => `refund:${orderId}:${refundId}`,
  engagement: (engagementId: string): string => `engagement:${engagementId}`,
};

export interface ReviewRuling {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly by: string;
  readonly at: Instant;
}

export type ReviewRejection = { readonly code: 'already_decided'; readonly state: Verdict };

/** Ends a review, once. The same verdict again has no effect; the other one comes too late. */
export function decideReview(
  review: Review,
  { verdict, reason, by, at }: ReviewRuling,
): Decision<Review, ReviewRejection> {
  if (review.state === verdict) return accept(review);
  if (review.state !== 'open') return reject({ code: 'already_decided', state: review.state });
  return accept({
    ...review,
    state: verdict,
    decidedAt: at,
    decidedBy: by,
    decisionReason: reason,
  });
}
