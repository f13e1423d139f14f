import type { Database } from '@kizuna/database';
import { isRemembered, offsetOf } from './last-event.js';
import { resetLane, takeLane, type LaneAddress, type LaneHold } from './lane-position.js';
import type { FetchedBatch, Watermarks } from './port.js';

/** What a lane found out about its topic, worth waking somebody for. */
export type TopicAlarm =
  | { readonly kind: 'topic_recreated'; readonly topic: string; readonly lane: number }
  | { readonly kind: 'events_lost'; readonly topic: string; readonly lane: number; readonly count: number };

export interface TakenLane {
  readonly hold: LaneHold;
  /** Read from here: before the position, where the last handled event can be recognised. */
  readonly readFrom: number;
  readonly alarm: TopicAlarm | undefined;
}

/**
 * Takes a lane and compares its position with what the topic has. The client knows no topic ids: that a topic was made anew
 * is seen by its end lying before the position, or by another event in the place of the last one.
 */
export async function takeAndCompare(
  database: Database,
  address: LaneAddress,
  owner: string,
  watermarks: () => Promise<Watermarks>,
  isCompacted: boolean,
): Promise<TakenLane> {
  const { topic, lane } = address;
  const before = await watermarks();
  const hold = await takeLane(database, address, owner, before.low);
  // Until the lane was taken its former owner may have handled what came after the first look.
  const { low, high } = hold.nextOffset > before.high ? await watermarks() : before;
  if (hold.nextOffset > high) {
    await moveTo(database, address, hold, low);
    return { hold, readFrom: low, alarm: { kind: 'topic_recreated', topic, lane } };
  }
  if (isCompacted) return { hold, readFrom: hold.nextOffset, alarm: undefined };
  if (low > hold.nextOffset) {
    const count = low - hold.nextOffset;
    await moveTo(database, address, hold, low);
    return { hold, readFrom: low, alarm: { kind: 'events_lost', topic, lane, count } };
  }
  const known = lastHandled(hold);
  return { hold, readFrom: known !== undefined && low <= known ? known : hold.nextOffset, alarm: undefined };
}

/** The offset of the event that the lane's topic is recognised by. */
export function lastHandled({ lastEvent, nextOffset }: LaneHold): number | undefined {
  return lastEvent === undefined ? undefined : offsetOf(lastEvent, nextOffset);
}

/** Is the last event that was handled still in its place? */
export function isSameTopic(hold: LaneHold, { messages }: FetchedBatch): boolean {
  const place = lastHandled(hold);
  const found = messages.find(({ offset }) => offset === place);
  return hold.lastEvent === undefined || isRemembered(hold.lastEvent, found);
}

export async function moveTo(
  database: Database,
  address: LaneAddress,
  hold: LaneHold,
  to: number,
): Promise<void> {
  await resetLane(database, address, hold, to);
  hold.nextOffset = to;
  hold.lastEvent = undefined;
}
