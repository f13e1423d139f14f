import type { Queryable, Transaction } from '@kizuna/database';

/** The right to work on one lane, as the database knows it. */
export interface LaneHold {
  readonly epoch: number;
  nextOffset: number;
}

/** Somebody else took the lane, or moved its position: nothing of the chunk may stand. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost';
}

export interface LaneAddress {
  readonly group: string;
  readonly topic: string;
  readonly lane: number;
}

/**
 * Takes a lane: from now on only this owner's epoch may move its position. A lane that nobody ever had starts at
 * `firstOffset`.
 */
export async function takeLane(
  on: Queryable,
  { group, topic, lane }: LaneAddress,
  owner: string,
  firstOffset: number,
): Promise<LaneHold> {
  const [row] = await on.query<{ epoch: string; next_offset: string }>(
    `INSERT INTO lane_position AS p (consumer_group, topic, lane, epoch, owner, next_offset)
     VALUES ($1, $2, $3, 1, $4, $5)
     ON CONFLICT (consumer_group, topic, lane)
     DO UPDATE SET epoch = p.epoch + 1, owner = excluded.owner, taken_at = now()
     RETURNING epoch, next_offset`,
    [group, topic, lane, owner, firstOffset],
  );
  if (!row) throw new LaneLost(`${topic}/${lane} could not be taken`);
  return { epoch: Number(row.epoch), nextOffset: Number(row.next_offset) };
}

/** Moves the position over a chunk; the first statement of its transaction, so that a former owner stops here. */
export async function moveLane(
  tx: Transaction,
  { group, topic, lane }: LaneAddress,
  { epoch, nextOffset }: LaneHold,
  after: number,
  lastEventId: string | undefined,
): Promise<void> {
  const moved = await tx.query(
    {
      name: 'move-lane',
      text: `UPDATE lane_position SET next_offset = $6, last_event_id = coalesce($7, last_event_id), moved_at = now()
             WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND epoch = $4 AND next_offset = $5
             RETURNING lane`,
    },
    [group, topic, lane, epoch, nextOffset, after, lastEventId ?? null],
  );
  if (moved.length === 0)
    throw new LaneLost(`${topic}/${lane} is no longer at epoch ${epoch}, offset ${nextOffset}`);
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
