import { ROOMS } from '../../local/rooms.js';
import type { Databases } from './databases.js';

/** What waits anywhere because it could not be handled, a sentence per room, key and reason. */
export async function parkedEvents(databases: Databases): Promise<string[]> {
  const sentences: string[] = [];
  for (const room of ROOMS) {
    const [known] = await databases.query<{ table: string | null }>(
      room,
      `SELECT to_regclass('parked_event') AS "table"`,
    );
    if (known?.table == null) continue;
    const rows = await databases.query<{ topic: string; key: string | null; reason: string; count: string }>(
      room,
      `SELECT topic, key, min(reason) AS reason, count(*) AS count
       FROM parked_event GROUP BY topic, key ORDER BY min(id)`,
    );
    for (const { topic, key, reason, count } of rows)
      sentences.push(`${room}: ${count} of ${topic} under ${key ?? 'no key'}: ${reason}`);
  }
  return sentences;
}
