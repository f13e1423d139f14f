import { formatInstant } from '@kizuna/kernel';
import type { Words } from '../domain/outcome-words.js';
import type { Review } from '../domain/review.js';

/** A review on the wire. */
export function reviewBody(review: Review): object {
  const { kind, businessRef, refundId, decidedAt } = review;
  return {
    review_id: review.reviewId,
    kind,
    ...(kind === 'engagement' ? { engagement_id: businessRef } : { order_id: businessRef }),
    ...(refundId === undefined ? {} : { refund_id: refundId }),
    member_id: review.memberId,
    reason: review.reason,
    text: reasonWords[review.reason],
    state: review.state,
    occurred_at: formatInstant(review.occurredAt),
    opened_at: formatInstant(review.openedAt),
    decided_at: decidedAt === undefined ? null : formatInstant(decidedAt),
    decided_by: review.decidedBy ?? null,
    decision_reason: review.decisionReason ?? null,
  };
}

const reasonWords = {
  late: {
    en: 'It arrived later after it happened than the program allows.',
    ja: '発生から受信までの時間が許容期間を超えています。',
  },
  amount_over_limit: {
    en: 'An award would be larger than the program lets one be.',
    ja: '付与数が1回の上限を超えています。',
  },
} satisfies Record<Review['reason'], Words>;
