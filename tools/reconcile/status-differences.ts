import { awardDifferences, lineDifferences, reasonDifferences } from './award-differences.js';
import type {
  CalculatedEngagement,
  CalculatedOrder,
  CalculatedRefund,
  CalculatedReview,
} from './calculation.js';
import { different, repeated } from './differences.js';
import type { AwardRead, PurchaseRead, StatusRead } from './program-reads.js';

type Reviews = ReadonlyMap<string, CalculatedReview>;

export function orderDifferences(
  order: CalculatedOrder,
  reviews: Reviews,
  answer: unknown,
  awards: readonly AwardRead[],
): string[] {
  const name = `Order ${order.order_id}`;
  if (typeof answer !== 'object' || answer === null)
    return [`${name}: should be ${order.state}, found nothing.`];
  const status: PurchaseRead = answer;
  const isRefused = reviews.get(`purchase:${order.order_id}`)?.state === 'refused';
  return [
    ...stateDifferences(name, order, isRefused, status),
    // Whose order it is cannot be known before it has arrived.
    ...(order.state === 'awaited' ? [] : different(`${name}: the member`, order.member_id, status.member_id)),
    ...awardDifferences(`${name}, status`, order.awards, status.awards ?? []),
    ...awardDifferences(`${name}, awards`, order.awards, awards),
    ...order.awards.flatMap((award) => lineDifferences(name, award, status.awards ?? [])),
    ...reasonDifferences(name, order, status),
    ...refundDifferences(name, isRefused, order, reviews, status.refunds ?? []),
    ...conflictDifferences(name, order.conflicts, status),
  ];
}

export function engagementDifferences(
  engagement: CalculatedEngagement,
  reviews: Reviews,
  answer: unknown,
): string[] {
  const name = `Engagement ${engagement.engagement_id}`;
  if (typeof answer !== 'object' || answer === null)
    return [`${name}: should be ${engagement.state}, found nothing.`];
  const status = answer as StatusRead & { readonly activity?: string };
  const isRefused = reviews.get(`engagement:${engagement.engagement_id}`)?.state === 'refused';
  return [
    ...stateDifferences(name, engagement, isRefused, status),
    ...different(`${name}: the member`, engagement.member_id, status.member_id),
    ...different(`${name}: the activity`, engagement.activity, status.activity),
    ...awardDifferences(name, engagement.awards, status.awards ?? []),
    ...reasonDifferences(name, engagement, status),
    ...conflictDifferences(name, engagement.conflicts, status),
  ];
}

export function reviewDifferences(review: CalculatedReview, answer: unknown): string[] {
  const name = `Review ${review.review_id}`;
  if (typeof answer !== 'object' || answer === null)
    return [`${name}: should be ${review.state}, found nothing.`];
  const { state, reason } = answer as { readonly state?: string; readonly reason?: string };
  return [
    ...different(`${name}: the state`, review.state, state),
    ...different(`${name}: the reason`, review.reason, reason),
  ];
}

function stateDifferences(
  name: string,
  { state, review_reason }: Pick<CalculatedOrder | CalculatedEngagement, 'state' | 'review_reason'>,
  isRefused: boolean,
  status: StatusRead,
): string[] {
  // How an event without effect for good is named is the product's choice; that it is not decided is not.
  if (isRefused) return status.state === 'decided' ? [`${name}: was refused, found decided.`] : [];
  return [
    ...different(`${name}: the state`, state, status.state),
    ...different(`${name}: the review reason`, review_reason, status.review_reason),
  ];
}

/** How often the same conflict is listed is the product's choice; which events are in conflict is not. */
function conflictDifferences(
  name: string,
  expected: readonly string[],
  { conflicts = [] }: StatusRead,
): string[] {
  const found = conflicts.map(({ event_id }) => event_id);
  return different(`${name}: the conflicts`, listed(expected), listed(found));
}

const listed = (eventIds: readonly string[]): string => [...new Set(eventIds)].sort().join(', ') || 'none';

function refundDifferences(
  name: string,
  isOrderRefused: boolean,
  { order_id, refunds }: CalculatedOrder,
  reviews: Reviews,
  found: NonNullable<PurchaseRead['refunds']>,
): string[] {
  const differences = repeated(found.map(({ refund_id }) => refund_id)).map(
    (refundId) => `${name}: refund ${refundId} should be there once, found more than once.`,
  );
  const foundById = new Map(found.map((refund) => [refund.refund_id, refund]));
  const stateOf = (refund: CalculatedRefund, is: { state: string; reason?: string }): string[] => {
    // On the wire a refund without effect is `rejected` and its reason says why.
    const shown = is.state === 'rejected' ? (is.reason ?? 'rejected') : is.state;
    const review = reviews.get(`refund:${order_id}:${refund.refund_id}`);
    if (review?.state !== 'refused' && !isOrderRefused)
      return different(`${name}, refund ${refund.refund_id}: the state`, refund.state, shown);
    return shown === 'applied' ? [`${name}, refund ${refund.refund_id}: was refused, found applied.`] : [];
  };
  for (const refund of refunds) {
    const is = foundById.get(refund.refund_id);
    foundById.delete(refund.refund_id);
    const words = `${name}, refund ${refund.refund_id}`;
    if (is === undefined) differences.push(`${words}: should be ${refund.state}, found nothing.`);
    else
      differences.push(
        ...stateOf(refund, is),
        ...different(`${words}: the amount over the order`, refund.over_minor, is.over_minor),
      );
  }
  for (const refundId of foundById.keys())
    differences.push(`${name}, refund ${refundId}: was never acknowledged, yet is found.`);
  return differences;
}
