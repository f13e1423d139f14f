import type { Queryable } from '@kizuna/database';
import type { Admin } from './port.js';

/** How far a room is behind in one lane of a topic. */
export interface LaneLag {
  readonly topic: string;
  readonly lane: number;
  readonly nextOffset: number;
  readonly low: number;
  readonly high: number;
  /** Messages that are not handled yet. */
  readonly messages: number;
  /** Seconds without a step while messages wait; 0 when none do. */
  readonly seconds: number;
}

/** Compares every lane's position with the end of its topic. */
export async function laneLags(
  on: Queryable,
  admin: Admin,
  topics: readonly string[],
  topicName: (topic: string) => string,
): Promise<LaneLag[]> {
  const rows = await on.query<{ topic: string; lane: number; next_offset: string; still: number }>(
    `SELECT topic, lane, next_offset, extract(epoch FROM clock_timestamp() - moved_at)::float8 AS still FROM lane_position`,
  );
  const positions = new Map(rows.map((row) => [`${row.topic}/${row.lane}`, row]));
  const lags: LaneLag[] = [];
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.watermarks(topicName(topic))) {
      const position = positions.get(`${topic}/${partition}`);
      const nextOffset = position ? Number(position.next_offset) : low;
      const messages = Math.max(0, high - nextOffset);
      const seconds = messages > 0 ? (position?.still ?? 0) : 0;
      lags.push({ topic, lane: partition, nextOffset, low, high, messages, seconds });
    }
  }
  return lags.sort((a, b) => a.topic.localeCompare(b.topic) || a.lane - b.lane);
}

/** What waits in the outbox to be published. */
export interface OutboxBacklog {
  readonly events: number;
  /** Age of the oldest row, in seconds. */
  readonly oldestSeconds: number;
}

export async function outboxBacklog(on: Queryable): Promise<OutboxBacklog> {
  const [row] = await on.query<{ events: string | null; oldest: number | null }>(
    `SELECT sum(o.event_count) AS events, extract(epoch FROM clock_timestamp() - min(o.created_at))::float8 AS oldest
     FROM relay_lane r JOIN outbox o ON o.lane = r.lane AND o.id > r.cursor`,
  );
  return { events: Number(row?.events ?? 0), oldestSeconds: row?.oldest ?? 0 };
}
