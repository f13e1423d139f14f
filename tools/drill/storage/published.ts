import type { RoomName } from '../../local/rooms.js';
import type { Databases } from './databases.js';

const ROWS_AT_ONCE = 500;

/** One event as its outbox row holds it. */
export interface CommittedEvent {
  readonly topic: string;
  readonly id: string;
}

/** Every event of a room's outbox, in the order of its rows. */
export async function committedEvents(databases: Databases, room: RoomName): Promise<CommittedEvent[]> {
  const events: CommittedEvent[] = [];
  for (let after = '0'; ;) {
    const rows = await databases.query<{ id: string; events: string }>(
      room,
      'SELECT id, events FROM outbox WHERE id > $1 ORDER BY id LIMIT $2',
      [after, ROWS_AT_ONCE],
    );
    for (const row of rows)
      for (const line of row.events.split('\n')) {
        const [topic = '', , value = '{}'] = line.split('\t');
        events.push({ topic, id: (JSON.parse(value) as { id: string }).id });
      }
    const last = rows.at(-1);
    if (!last) return events;
    after = last.id;
  }
}

/** The last sequence given to each key of a topic. */
export async function lastSequences(
  databases: Databases,
  room: RoomName,
  topic: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await databases.query<{ key: string; last: string }>(
    room,
    'SELECT key, last FROM event_sequence WHERE topic = $1',
    [topic],
  );
  return new Map(rows.map(({ key, last }) => [key, Number(last)]));
}
