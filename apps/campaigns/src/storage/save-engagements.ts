import { integerArray, jsonbArray, textArray, timestamptzArray, type Transaction } from '@kizuna/database';
import { TryAgain } from '@kizuna/messaging';
import { byText } from '../domain/earning-rule.js';
import type { Engagement } from '../domain/engagement.js';
import { reviewIdOf } from '../domain/review.js';
import { engagementName } from './engagements.repository.js';
import { insertAwards } from './insert-awards.js';
import { knownColumn } from './known-column.js';
import { openReviews } from './open-reviews.js';

/** Two lanes met at an engagement that neither had seen: the second one starts again and finds it. */
export class EngagementRace extends TryAgain {
  override readonly name = 'EngagementRace';
}

export interface EngagementWrite {
  readonly before: Engagement;
  readonly after: Engagement;
}

/** Writes what changed, set-based, rows in key order. */
export async function saveEngagements(tx: Transaction, writes: readonly EngagementWrite[]): Promise<void> {
  const changed = writes
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => byText(engagementName(a.after), engagementName(b.after)));
  if (changed.length === 0) return;
  await insertEngagements(
    tx,
    changed.filter(({ before }) => !before.recorded),
  );
  await changeEngagements(
    tx,
    changed.filter(({ before, after }) => before.recorded && before.recorded !== after.recorded),
  );
  await insertAwards(
    tx,
    'engagement',
    changed.flatMap(({ before, after }) => {
      const known = new Set(before.awards.map(({ awardId }) => awardId));
      const { programId, engagementId, recorded } = after;
      return after.awards
        .filter(({ awardId }) => !known.has(awardId))
        .map((award) => ({
          award,
          programId,
          businessRef: engagementId,
          memberId: recorded?.memberId,
          occurredAt: recorded?.occurredAt,
        }));
    }),
  );
  await insertConflicts(tx, changed);
  await openReviews(tx, changed.flatMap(openedBy));
}

function openedBy({ before, after }: EngagementWrite) {
  const { programId, engagementId, recorded } = after;
  if (!recorded?.review || before.recorded?.review) return [];
  const { memberId, occurredAt, receivedAt, review } = recorded;
  return [
    {
      programId,
      reviewId: reviewIdOf.engagement(engagementId),
      kind: 'engagement' as const,
      businessRef: engagementId,
      refundId: undefined,
      memberId,
      reason: review,
      occurredAt,
      openedAt: receivedAt,
    },
  ];
}

function columns(writes: readonly EngagementWrite[]): unknown[] {
  const recorded = writes.map(({ after }) => after.recorded);
  return [
    textArray(writes.map(({ after }) => after.programId)),
    textArray(writes.map(({ after }) => after.engagementId)),
    textArray(recorded.map((one) => (one?.review ? 'review' : one?.isRefused ? 'refused' : 'decided'))),
    textArray(recorded.map((one) => one?.review)),
    integerArray(recorded.map((one) => one?.ruleSetRevision)),
    integerArray(recorded.map((one) => one?.settingsRevision)),
    jsonbArray(recorded.map((one) => knownColumn(one?.known))),
  ];
}

async function insertEngagements(tx: Transaction, writes: readonly EngagementWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const recorded = writes.map(({ after }) => after.recorded);
  const inserted = await tx.query(
    {
      name: 'insert-engagements',
      text: `INSERT INTO engagement (program_id, engagement_id, state, review_reason, rule_set_revision, settings_revision,
                                     known, member_id, event_id, data_hash, activity, occurred_at, received_at, facts)
             SELECT program_id, engagement_id, state, review_reason, rule_set_revision, settings_revision, known, member_id,
                    event_id, data_hash, activity, occurred_at, received_at, facts::json
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::jsonb[], $8::text[],
                         $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::text[])
               AS n (program_id, engagement_id, state, review_reason, rule_set_revision, settings_revision, known, member_id,
                     event_id, data_hash, activity, occurred_at, received_at, facts)
             ON CONFLICT (program_id, engagement_id) DO NOTHING RETURNING 1`,
    },
    [
      ...columns(writes),
      textArray(recorded.map((one) => one?.memberId)),
      textArray(recorded.map((one) => one?.eventId)),
      textArray(recorded.map((one) => one?.dataHash)),
      textArray(recorded.map((one) => one?.facts.activity)),
      timestamptzArray(recorded.map((one) => one?.occurredAt)),
      timestamptzArray(recorded.map((one) => one?.receivedAt)),
      textArray(recorded.map((one) => JSON.stringify(one?.facts))),
    ],
  );
  if (inserted.length !== writes.length)
    throw new EngagementRace('another lane recorded one of these engagements just now');
}

/** What can change of a recorded engagement: a review ends. */
async function changeEngagements(tx: Transaction, writes: readonly EngagementWrite[]): Promise<void> {
  if (writes.length === 0) return;
  await tx.query(
    `UPDATE engagement e
     SET state = n.state, review_reason = n.review_reason, rule_set_revision = n.rule_set_revision,
         settings_revision = n.settings_revision, known = n.known
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::jsonb[])
       AS n (program_id, engagement_id, state, review_reason, rule_set_revision, settings_revision, known)
     WHERE e.program_id = n.program_id AND e.engagement_id = n.engagement_id`,
    columns(writes),
  );
}

async function insertConflicts(tx: Transaction, writes: readonly EngagementWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) =>
    after.conflicts
      .filter((conflict) => !before.conflicts.includes(conflict))
      .map((conflict) => ({ after, conflict })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO engagement_conflict (program_id, engagement_id, data_hash, event_id, member_id, occurred_at, received_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])`,
    [
      textArray(rows.map(({ after }) => after.programId)),
      textArray(rows.map(({ after }) => after.engagementId)),
      textArray(rows.map(({ conflict }) => conflict.dataHash)),
      textArray(rows.map(({ conflict }) => conflict.eventId)),
      textArray(rows.map(({ conflict }) => conflict.memberId)),
      timestamptzArray(rows.map(({ conflict }) => conflict.occurredAt)),
      timestamptzArray(rows.map(({ conflict }) => conflict.receivedAt)),
    ],
  );
}
