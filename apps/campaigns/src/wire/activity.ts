import { clawbackOf } from '../storage/orders.repository.js';
import type { MemberActivity, Place, RefundRow } from '../storage/activity.query.js';
import { awardBody } from './award-body.js';

/** One thing that happened to a member; `cursor` is the place right after it, whatever else is on the page. */
export interface ActivityItem {
  readonly at: string;
  readonly kind:
    'purchase' | 'refund' | 'engagement' | 'award' | 'clawback' | 'waiting' | 'review' | 'conflict';
  readonly id: string;
  readonly cursor: string;
  readonly [fact: string]: unknown;
}

/** Everything that the rows tell, newest first. */
export function activityItems(activity: MemberActivity): ActivityItem[] {
  const { purchases, refunds, engagements, awards, reviews, conflicts } = activity;
  return [
    ...purchases.map(({ occurred_at, order_id, state, currency, lines }) =>
      item(occurred_at, 'purchase', `purchase:${order_id}`, {
        order_id,
        state,
        currency,
        paid_minor: lines.reduce((sum, [, paid]) => sum + paid, 0),
      }),
    ),
    ...refunds.flatMap(refundItems),
    ...engagements.map(({ occurred_at, ...facts }) =>
      item(occurred_at, 'engagement', `engagement:${facts.engagement_id}`, { ...facts }),
    ),
    ...awards.map((award) => {
      const { kind: award_kind, ...facts } = awardBody(award);
      return item(award.occurred_at, 'award', `award:${award.award_id}`, { ...facts, award_kind });
    }),
    ...reviews.map(({ occurred_at, decided_at, ...facts }) =>
      item(occurred_at, 'review', `review:${facts.review_id}`, {
        ...facts,
        decided_at: decided_at?.toISOString() ?? null,
      }),
    ),
    ...conflicts.map(({ occurred_at, event_id, data_hash, received_at }) =>
      item(occurred_at, 'conflict', `conflict:${event_id}:${data_hash}`, {
        event_id,
        received_at: received_at.toISOString(),
      }),
    ),
  ].sort(byPlace);
}

/** A refund that waits for its order is told as that. */
function refundItems({ occurred_at, clawbacks, amounts, reason, ...facts }: RefundRow): ActivityItem[] {
  const { order_id, refund_id } = facts;
  const kind = facts.state === 'waiting' ? 'waiting' : 'refund';
  return [
    item(occurred_at, kind, `refund:${order_id}:${refund_id}`, {
      ...facts,
      ...amounts,
      ...(reason === null ? {} : { reason }),
    }),
    ...(clawbacks ?? []).map(clawbackOf).map(({ awardId, rule, wallet, taken, total }) =>
      item(occurred_at, 'clawback', `clawback:${awardId}:${refund_id}`, {
        award_id: awardId,
        order_id,
        refund_id,
        rule,
        wallet,
        amount: Number(taken),
        clawback_total: Number(total),
      }),
    ),
  ];
}

function item(
  at: Date,
  kind: ActivityItem['kind'],
  id: string,
  facts: Readonly<Record<string, unknown>>,
): ActivityItem {
  return { ...facts, at: at.toISOString(), kind, id, cursor: cursorOf({ at: at.getTime(), id }) };
}

const byPlace = (a: ActivityItem, b: ActivityItem): number => (isBehind(a, b) ? 1 : isBehind(b, a) ? -1 : 0);

const isBehind = (one: Pick<ActivityItem, 'at' | 'id'>, other: Pick<ActivityItem, 'at' | 'id'>): boolean =>
  one.at === other.at ? one.id < other.id : one.at < other.at;

/** Those behind a place; all without one. */
export function behind(items: readonly ActivityItem[], place: Place | undefined): ActivityItem[] {
  if (!place) return [...items];
  const there = { at: new Date(place.at).toISOString(), id: place.id };
  return items.filter((one) => isBehind(one, there));
}

const cursorOf = ({ at, id }: Place): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

const MAX_AT = 2 ** 48 - 1;
const MAX_ID = 300;

/** Undefined when it is not one of ours. */
export function placeOf(cursor: string): Place | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [at, id] = parts as unknown[];
    if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0 || at > MAX_AT) return undefined;
    return typeof id === 'string' && id.length <= MAX_ID ? { at, id } : undefined;
  } catch {
    return undefined;
  }
}
