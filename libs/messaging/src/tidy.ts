import { dayPartition, ensurePartition, type Database, type Queryable } from '@kizuna/database';
import { lanePositions } from './lane-position.js';
import { relayProgress } from './outbox.js';

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 3;
/** A day that is published stays this long for those who look into it. */
const OUTBOX_DAYS_KEPT = 2;

/** The earliest offset that a lane's topic still has. */
export type LowWatermark = (topic: string, lane: number) => Promise<number>;

/**
 * Makes the day partitions of inbox and outbox ahead of the clock, and drops those that progress has made useless, never
 * by age alone.
 *
 * @param inboxTopics topics whose events are claimed in the inbox
 * @returns the partitions that were dropped
 */
export async function tidyPartitions(
  database: Database,
  inboxTopics: readonly string[],
  lowWatermark: LowWatermark,
): Promise<string[]> {
  const [row] = await database.query<{ now: Date }>('SELECT now() AS now');
  const now = row?.now ?? new Date();
  for (const table of ['inbox', 'outbox']) {
    for (let day = 0; day <= DAYS_AHEAD; day += 1)
      await ensurePartition(database, table, dayPartition(new Date(now.getTime() + day * DAY_MS)));
  }
  await markProgress(database);
  return [
    ...(await dropWhere(database, 'outbox', now, OUTBOX_DAYS_KEPT, (day) => isPublished(database, day))),
    ...(await dropWhere(database, 'inbox', now, 1, (day) =>
      cannotComeAgain(database, day, inboxTopics, lowWatermark),
    )),
  ];
}

/** Notes how far every lane has come today; the last note of a day stands. */
async function markProgress(database: Database): Promise<void> {
  await database.query(
    `INSERT INTO inbox_mark (day, topic, lane, next_offset)
     SELECT (now() AT TIME ZONE 'UTC')::date, topic, lane, max(next_offset) FROM lane_position GROUP BY topic, lane
     ON CONFLICT (day, topic, lane) DO UPDATE SET next_offset = excluded.next_offset`,
  );
}

/** Every row of the day lies behind the relay's cursor of its lane. */
async function isPublished(database: Database, day: string): Promise<boolean> {
  const cursors = new Map((await relayProgress(database)).map(({ lane, cursor }) => [lane, cursor]));
  const last = await database.query<{ lane: number; id: string }>(
    `SELECT lane, max(id) AS id FROM outbox WHERE created_at >= $1::date AND created_at < $1::date + 1 GROUP BY lane`,
    [day],
  );
  return last.every(({ lane, id }) => Number(id) <= (cursors.get(lane) ?? 0));
}

/**
 * A day's claims are needed while the topic can still give what was claimed on it. A mark of a later day lies behind
 * everything of this day; when the topic begins at that mark or later, nothing of the day can be read again. They are
 * needed too while an event waits that was parked on the day or later: it may repeat what was claimed before its key was
 * parked, and its replay asks the inbox, however long ago the topic has forgotten both.
 */
async function cannotComeAgain(
  database: Database,
  day: string,
  inboxTopics: readonly string[],
  lowWatermark: LowWatermark,
): Promise<boolean> {
  if (await mayBeReplayed(database, day, inboxTopics)) return false;
  const marks = await later(database, day);
  const lanes = (await lanePositions(database)).filter(({ topic }) => inboxTopics.includes(topic));
  for (const { topic, lane } of lanes) {
    const mark = marks.get(`${topic}/${lane}`);
    if (mark === undefined || (await lowWatermark(topic, lane)) < mark) return false;
  }
  return true;
}

/** What has no key is never replayed. */
async function mayBeReplayed(on: Queryable, day: string, inboxTopics: readonly string[]): Promise<boolean> {
  const waiting = await on.query(
    `SELECT FROM parked_event
     WHERE state = 'parked' AND key IS NOT NULL AND topic = ANY($2) AND parked_at >= $1::date LIMIT 1`,
    [day, inboxTopics],
  );
  return waiting.length > 0;
}

async function later(on: Queryable, day: string): Promise<Map<string, number>> {
  const rows = await on.query<{ topic: string; lane: number; next_offset: string }>(
    `SELECT DISTINCT ON (topic, lane) topic, lane, next_offset FROM inbox_mark WHERE day > $1::date ORDER BY topic, lane, day`,
    [day],
  );
  return new Map(rows.map(({ topic, lane, next_offset }) => [`${topic}/${lane}`, Number(next_offset)]));
}

async function dropWhere(
  database: Database,
  table: string,
  now: Date,
  daysKept: number,
  isUseless: (day: string) => Promise<boolean>,
): Promise<string[]> {
  const partitions = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY 1`,
    [table],
  );
  const keptFrom = new Date(now.getTime() - daysKept * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
  const dropped: string[] = [];
  for (const { name } of partitions) {
    const suffix = name.slice(table.length + 1);
    if (suffix >= keptFrom) break;
    const day = `${suffix.slice(0, 4)}-${suffix.slice(4, 6)}-${suffix.slice(6)}`;
    // In order: a day that is still needed keeps the later ones too.
    if (!(await isUseless(day))) break;
    await database.query('SELECT drop_partition($1, $2)', [table, suffix]);
    dropped.push(name);
  }
  return dropped;
}
