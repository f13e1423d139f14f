import type { RoomName } from '../../local/rooms.js';
import type { Databases } from './databases.js';

export interface LanePosition {
  readonly topic: string;
  readonly lane: number;
  readonly nextOffset: number;
}

export async function lanePositions(databases: Databases, room: RoomName): Promise<LanePosition[]> {
  const rows = await databases.query<{ topic: string; lane: number; next_offset: string }>(
    room,
    'SELECT topic, lane, next_offset FROM lane_position WHERE consumer_group = $1',
    [room],
  );
  return rows.map(({ topic, lane, next_offset }) => ({ topic, lane, nextOffset: Number(next_offset) }));
}
