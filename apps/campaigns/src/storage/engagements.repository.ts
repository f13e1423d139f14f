import { textArray, type Queryable, type Transaction } from '@kizuna/database';
import type { EngagementRecorded } from '@kizuna/contracts';
import { instant } from '@kizuna/kernel';
import { unknownEngagement, type Engagement } from '../domain/engagement.js';
import type { ReviewReason } from '../domain/order.js';
import { awardOf, type AwardRow } from './award-row.js';
import { knownOf, type KnownColumn } from './known-column.js';

export interface EngagementRef {
  readonly programId: string;
  readonly engagementId: string;
}

export const engagementName = ({ programId, engagementId }: EngagementRef): string =>
  `${programId} ${engagementId}`;

interface EngagementRow extends Record<string, unknown> {
  program_id: string;
  engagement_id: string;
  state: 'decided' | 'review' | 'refused';
  review_reason: ReviewReason | null;
  member_id: string;
  event_id: string;
  data_hash: string;
  occurred_at: Date;
  received_at: Date;
  rule_set_revision: number;
  settings_revision: number;
  known: KnownColumn | null;
  facts: EngagementRecorded;
}

interface ConflictRow extends Record<string, unknown> {
  program_id: string;
  engagement_id: string;
  event_id: string;
  data_hash: string;
  member_id: string;
  occurred_at: Date;
  received_at: Date;
}

/**
 * Locks the rows of engagements in one order everywhere. One without a row cannot be locked: two lanes that meet at a new
 * one are told apart by its primary key, at the insert.
 */
export async function lockEngagements(
  tx: Transaction,
  refs: readonly EngagementRef[],
): Promise<Map<string, Engagement>> {
  return readEngagements(tx, refs, 'FOR UPDATE');
}

export async function findEngagement(on: Queryable, ref: EngagementRef): Promise<Engagement | undefined> {
  const found = (await readEngagements(on, [ref], '')).get(engagementName(ref));
  return found?.recorded ? found : undefined;
}

async function readEngagements(
  on: Queryable,
  refs: readonly EngagementRef[],
  lock: 'FOR UPDATE' | '',
): Promise<Map<string, Engagement>> {
  const engagements = new Map(
    refs.map((ref) => [engagementName(ref), unknownEngagement(ref.programId, ref.engagementId)]),
  );
  const keys = [
    textArray(refs.map(({ programId }) => programId)),
    textArray(refs.map(({ engagementId }) => engagementId)),
  ];
  const rows = await on.query<EngagementRow>(
    `SELECT program_id, engagement_id, state, review_reason, member_id, event_id, data_hash, occurred_at, received_at,
            rule_set_revision, settings_revision, known, facts
     FROM engagement WHERE (program_id, engagement_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY program_id, engagement_id ${lock}`,
    keys,
  );
  if (rows.length === 0) return engagements;
  const awards = await on.query<AwardRow>(
    `SELECT a.* FROM award a
     JOIN unnest($1::text[], $2::text[]) AS k (program_id, business_ref) USING (program_id, business_ref)
     WHERE a.kind = 'engagement' ORDER BY a.wallet, a.rule`,
    keys,
  );
  const conflicts = await on.query<ConflictRow>(
    `SELECT c.* FROM engagement_conflict c
     JOIN unnest($1::text[], $2::text[]) AS k (program_id, engagement_id) USING (program_id, engagement_id)
     ORDER BY c.received_at, c.data_hash`,
    keys,
  );
  const awardsOf = Map.groupBy(awards, (row) => `${row.program_id} ${row.business_ref}`);
  const conflictsOf = Map.groupBy(conflicts, (row) => `${row.program_id} ${row.engagement_id}`);
  for (const row of rows) {
    const ref = { programId: row.program_id, engagementId: row.engagement_id };
    const name = engagementName(ref);
    engagements.set(name, {
      ...ref,
      recorded: recordedOf(row),
      awards: (awardsOf.get(name) ?? []).map(awardOf),
      conflicts: (conflictsOf.get(name) ?? []).map((conflict) => ({
        eventId: conflict.event_id,
        dataHash: conflict.data_hash,
        memberId: conflict.member_id,
        occurredAt: instant(conflict.occurred_at),
        receivedAt: instant(conflict.received_at),
      })),
    });
  }
  return engagements;
}

function recordedOf(row: EngagementRow): NonNullable<Engagement['recorded']> {
  return {
    memberId: row.member_id,
    eventId: row.event_id,
    dataHash: row.data_hash,
    occurredAt: instant(row.occurred_at),
    receivedAt: instant(row.received_at),
    facts: row.facts,
    review: row.review_reason ?? undefined,
    isRefused: row.state === 'refused',
    ruleSetRevision: row.rule_set_revision,
    settingsRevision: row.settings_revision,
    known: knownOf(row.known),
  };
}
