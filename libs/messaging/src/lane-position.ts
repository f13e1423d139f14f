import {
  bigintArray,
  smallintArray,
  textArray,
  type Database,
  type Queryable,
  type Transaction,
} from '@kizuna/database';
import { TryAgain } from './failures.js';

/** The right to work on one lane, as the database knows it. */
export interface LaneHold {
  readonly epoch: number;
  nextOffset: number;
  /** What the topic is recognised by: see `last-event.ts`. */
  lastEvent: string | undefined;
  /** The lane had parked keys when it was taken, or has got some since. */
  mayHaveParkedKeys: boolean;
}

/** Somebody else took the lane, or moved its position: nothing of the chunk may stand. */
export class LaneLost extends TryAgain {
  override readonly name = 'LaneLost';
}

export interface LaneAddress {
  readonly group: string;
  readonly topic: string;
  readonly lane: number;
}

interface PositionRow extends Record<string, unknown> {
  epoch: string;
  next_offset: string;
  last_event_id: string | null;
}

/**
 * Takes a lane: from now on only this owner's epoch may move its position. A lane that nobody ever had starts at
 * `firstOffset`. Waits at most a second for a former owner's transaction.
 */
export async function takeLane(
  database: Database,
  { group, topic, lane }: LaneAddress,
  owner: string,
  firstOffset: number,
): Promise<LaneHold> {
  const row = await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = '1s'`);
    const [taken] = await tx.query<PositionRow>(
      `INSERT INTO lane_position AS p (consumer_group, topic, lane, epoch, owner, next_offset)
       VALUES ($1, $2, $3, 1, $4, $5)
       ON CONFLICT (consumer_group, topic, lane)
       DO UPDATE SET epoch = p.epoch + 1, owner = excluded.owner, taken_at = now()
       RETURNING epoch, next_offset, last_event_id`,
      [group, topic, lane, owner, firstOffset],
    );
    if (!taken) return undefined;
    // Its own statement, which sees what a former owner has parked while the first one waited for its lock.
    const parked = await tx.query(
      `SELECT FROM parked_key k WHERE (k.consumer_group, k.topic, k.lane) = ($1, $2, $3) LIMIT 1`,
      [group, topic, lane],
    );
    return { ...taken, hasParked: parked.length > 0 };
  });
  if (!row) throw new LaneLost(`${topic}/${lane} could not be taken`);
  return {
    epoch: Number(row.epoch),
    nextOffset: Number(row.next_offset),
    lastEvent: row.last_event_id ?? undefined,
    mayHaveParkedKeys: row.hasParked,
  };
}

/** A step of a lane over one chunk, from where that chunk begins and not from wherever the hold is by now. */
export interface LaneMove {
  readonly address: LaneAddress;
  readonly hold: LaneHold;
  readonly raw: { readonly from: number; readonly nextOffset: number };
  readonly lastEvent: string | undefined;
}

/** Moves the position over a chunk; the first statement of its transaction, so that a former owner stops here. */
export async function moveLane(tx: Transaction, { address, hold, raw, lastEvent }: LaneMove): Promise<void> {
  const { group, topic, lane } = address;
  const moved = await tx.query(
    {
      name: 'move-lane',
      text: `UPDATE lane_position SET next_offset = $6, last_event_id = $7, moved_at = now()
             WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND epoch = $4 AND next_offset = $5
             RETURNING lane`,
    },
    [group, topic, lane, hold.epoch, raw.from, raw.nextOffset, lastEvent ?? null],
  );
  if (moved.length === 0)
    throw new LaneLost(`${topic}/${lane} is no longer at epoch ${hold.epoch}, offset ${raw.from}`);
}

/** The same for several lanes of one topic, in their order; all or none. */
export async function moveLanes(tx: Transaction, moves: readonly LaneMove[]): Promise<void> {
  const ordered = [...moves].sort((a, b) => a.address.lane - b.address.lane);
  const moved = await tx.query(
    {
      name: 'move-lanes',
      text: `UPDATE lane_position p SET next_offset = n.after, last_event_id = n.last_event_id, moved_at = now()
             FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
               AS n (consumer_group, topic, lane, epoch, before, after, last_event_id)
             WHERE p.consumer_group = n.consumer_group AND p.topic = n.topic AND p.lane = n.lane
               AND p.epoch = n.epoch AND p.next_offset = n.before
             RETURNING p.lane`,
    },
    [
      textArray(ordered.map(({ address }) => address.group)),
      textArray(ordered.map(({ address }) => address.topic)),
      smallintArray(ordered.map(({ address }) => address.lane)),
      bigintArray(ordered.map(({ hold }) => hold.epoch)),
      bigintArray(ordered.map(({ raw }) => raw.from)),
      bigintArray(ordered.map(({ raw }) => raw.nextOffset)),
      textArray(ordered.map(({ lastEvent }) => lastEvent)),
    ],
  );
  if (moved.length < moves.length) throw new LaneLost('one of several lanes is no longer where it was');
}

/** Puts a lane elsewhere in its topic: the topic was made anew, or has lost what was to be read next. */
export async function resetLane(
  on: Queryable,
  { group, topic, lane }: LaneAddress,
  { epoch, nextOffset }: LaneHold,
  to: number,
): Promise<void> {
  const reset = await on.query(
    `UPDATE lane_position SET next_offset = $6, last_event_id = NULL, attempt_offset = NULL, moved_at = now()
     WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND epoch = $4 AND next_offset = $5 RETURNING lane`,
    [group, topic, lane, epoch, nextOffset, to],
  );
  if (reset.length === 0) throw new LaneLost(`${topic}/${lane} is no longer at epoch ${epoch}`);
}

/**
 * Counts that work begins at the lane's present offset, in a transaction of its own. A process that dies leaves the count
 * standing; one that lives takes it back, as soon as the database hears it.
 *
 * @returns how often work began here without an end, this time included
 */
export async function beginAttempt(
  on: Queryable,
  { group, topic, lane }: LaneAddress,
  { epoch }: LaneHold,
): Promise<number> {
  const [row] = await on.query<{ attempts: number }>(
    `UPDATE lane_position
     SET attempts = CASE WHEN attempt_offset = next_offset THEN attempts + 1 ELSE 1 END, attempt_offset = next_offset
     WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND epoch = $4 RETURNING attempts`,
    [group, topic, lane, epoch],
  );
  if (!row) throw new LaneLost(`${topic}/${lane} is no longer at epoch ${epoch}`);
  return row.attempts;
}

/** The attempt failed, but this process lives to tell: it does not count. */
export async function endAttempt(
  on: Queryable,
  { group, topic, lane }: LaneAddress,
  epoch: number,
): Promise<void> {
  await on.query(
    `UPDATE lane_position SET attempts = 0, attempt_offset = NULL
     WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND epoch = $4`,
    [group, topic, lane, epoch],
  );
}

/** Where a lane stands: what a lost answer to COMMIT is resolved with. */
export async function readPosition(
  on: Queryable,
  { group, topic, lane }: LaneAddress,
): Promise<{ readonly epoch: number; readonly nextOffset: number } | undefined> {
  const [row] = await on.query<PositionRow>(
    'SELECT epoch, next_offset FROM lane_position WHERE consumer_group = $1 AND topic = $2 AND lane = $3',
    [group, topic, lane],
  );
  return row && { epoch: Number(row.epoch), nextOffset: Number(row.next_offset) };
}

export interface LaneProgress extends LaneAddress {
  readonly epoch: number;
  readonly nextOffset: number;
  readonly owner: string;
}

export async function lanePositions(on: Queryable): Promise<LaneProgress[]> {
  const rows = await on.query<{
    consumer_group: string;
    topic: string;
    lane: number;
    epoch: string;
    next_offset: string;
    owner: string;
  }>('SELECT consumer_group, topic, lane, epoch, next_offset, owner FROM lane_position ORDER BY 1, 2, 3');
  return rows.map((row) => ({
    group: row.consumer_group,
    topic: row.topic,
    lane: row.lane,
    epoch: Number(row.epoch),
    nextOffset: Number(row.next_offset),
    owner: row.owner,
  }));
}
