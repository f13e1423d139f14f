import type { Queryable } from '@kizuna/database';
import { lanePositions } from './lane-position.js';
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
  /** For how long this process has seen the oldest of them wait; 0 when none does. */
  readonly seconds: number;
}

/** At this time the lane ended there. */
interface Sighting {
  readonly high: number;
  readonly atMs: number;
}

const MAX_SIGHTINGS = 200;

/**
 * Compares every lane's position with the end of its topic, and remembers when it saw which end: a message waits at least
 * since the end lay behind it for the first time. The step of a lane would say nothing of it: after a quiet night that is old.
 */
export class LagWatch {
  private readonly sightings = new Map<string, readonly Sighting[]>();

  constructor(
    private readonly on: Queryable,
    private readonly admin: Admin,
    private readonly topicName: (topic: string) => string,
  ) {}

  async read(topics: readonly string[], nowMs = performance.now()): Promise<LaneLag[]> {
    const positions = new Map(
      (await lanePositions(this.on)).map(({ topic, lane, nextOffset }) => [`${topic}/${lane}`, nextOffset]),
    );
    const lags: LaneLag[] = [];
    for (const topic of topics) {
      for (const { partition, low, high } of await this.admin.watermarks(this.topicName(topic))) {
        const name = `${topic}/${partition}`;
        const nextOffset = positions.get(name) ?? low;
        const sightings = seenSince(this.sightings.get(name) ?? [], { high, atMs: nowMs }, nextOffset);
        this.sightings.set(name, sightings);
        const seconds = (nowMs - (sightings[0]?.atMs ?? nowMs)) / 1_000;
        const messages = Math.max(0, high - nextOffset);
        lags.push({ topic, lane: partition, nextOffset, low, high, messages, seconds });
      }
    }
    return lags.sort((a, b) => a.topic.localeCompare(b.topic) || a.lane - b.lane);
  }
}

/** Those with something unread before them, the oldest first. */
function seenSince(before: readonly Sighting[], now: Sighting, nextOffset: number): readonly Sighting[] {
  const last = before.at(-1);
  // A topic that is shorter than it was is another one.
  const known = last && last.high > now.high ? [] : before;
  const all = last && last.high === now.high ? known : [...known, now];
  const open = all.filter(({ high }) => high > nextOffset);
  return open.length > MAX_SIGHTINGS ? open.filter((_, index) => index % 2 === 0) : open;
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
