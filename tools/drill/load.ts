import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from './chance.js';
import type { FrontDoors } from './front-doors.js';
import { resultsOf } from './sent.js';
import { Spender } from './spender.js';
import { Traffic } from './traffic.js';

const WORKERS = 8;
const MEMBERS = 320;
const SPENDERS = 8;
const BATCH_MOST = 50;
/** After an outage this much is caught up at full speed; a storefront keeps no endless queue. */
const BEHIND_MOST_MS = 2_000;

export interface LoadResult {
  readonly acknowledged: number;
  /** What a front door refused, a sentence each: nothing that is sent here deserves it. */
  readonly refused: readonly string[];
}

interface LoadOptions {
  readonly seed: number;
  readonly eventsPerSecond: number;
  isOver(): boolean;
  onAcknowledged(events: number): void;
}

/**
 * Sends until it is over; some members spend, each at its own pace. Every other member belongs to one worker, and a worker sends its next batch when the one before it is
 * acknowledged: so an event is never overtaken by a later one of its member.
 */
export async function sendLoad(doors: FrontDoors, options: LoadOptions): Promise<LoadResult> {
  const refused: string[] = [];
  let acknowledged = 0;
  const worker = async (index: number): Promise<void> => {
    const chance = new Chance(options.seed, `worker ${index}`);
    const members = Array.from({ length: MEMBERS / WORKERS }, (_, of) => `member-${of * WORKERS + index}`);
    const traffic = new Traffic(`order-${index}`, members, chance);
    const perMs = options.eventsPerSecond / WORKERS / 1_000;
    for (let dueAt = Date.now(); !options.isOver();) {
      const batch = Array.from({ length: chance.whole(1, BATCH_MOST) }, () => traffic.next());
      const results = resultsOf(await doors.send('/v1/events', batch, index), batch);
      refused.push(...results);
      acknowledged += batch.length - results.length;
      options.onAcknowledged(acknowledged);
      dueAt = Math.max(dueAt + batch.length / perMs, Date.now() - BEHIND_MOST_MS);
      await sleep(Math.max(0, dueAt - Date.now()));
    }
  };
  const spend = async (number: number): Promise<void> => {
    const chance = new Chance(options.seed, `spender ${number}`);
    const spender = new Spender({
      member: `spender-${number}`,
      number,
      doors,
      chance,
      isOver: options.isOver,
    });
    await spender.run();
    refused.push(...spender.refused);
    acknowledged += spender.acknowledged;
  };
  await Promise.all([
    ...Array.from({ length: WORKERS }, (_, index) => worker(index)),
    ...Array.from({ length: SPENDERS }, (_, number) => spend(number)),
  ]);
  options.onAcknowledged(acknowledged);
  return { acknowledged, refused };
}
