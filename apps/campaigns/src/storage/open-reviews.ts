import { textArray, timestamptzArray, type Transaction } from '@kizuna/database';
import type { Review } from '../domain/review.js';

export type OpenedReview = Pick<
  Review,
  | 'programId'
  | 'reviewId'
  | 'kind'
  | 'businessRef'
  | 'refundId'
  | 'memberId'
  | 'reason'
  | 'occurredAt'
  | 'openedAt'
>;

/** Puts what has to be looked at on the list, in the transaction that records it. */
export async function openReviews(tx: Transaction, reviews: readonly OpenedReview[]): Promise<void> {
  if (reviews.length === 0) return;
  const of = <Value>(pick: (review: OpenedReview) => Value): Value[] => reviews.map(pick);
  await tx.query(
    `INSERT INTO review (program_id, review_id, kind, business_ref, refund_id, member_id, reason, occurred_at, opened_at, state)
     SELECT *, 'open' FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                                  $8::timestamptz[], $9::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [
      textArray(of(({ programId }) => programId)),
      textArray(of(({ reviewId }) => reviewId)),
      textArray(of(({ kind }) => kind)),
      textArray(of(({ businessRef }) => businessRef)),
      textArray(of(({ refundId }) => refundId)),
      textArray(of(({ memberId }) => memberId)),
      textArray(of(({ reason }) => reason)),
      timestamptzArray(of(({ occurredAt }) => occurredAt)),
      timestamptzArray(of(({ openedAt }) => openedAt)),
    ],
  );
}
