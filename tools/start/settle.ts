import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, type Admin, type Watermarks } from '@kizuna/messaging';
import type { LocalRun } from '../local/start-local.js';
import type { RoomName } from '../local/rooms.js';

const NO_PROGRESS_SECONDS = 60;
const ASK_EVERY_MS = 100;
/** A build from before one of them has no such topic. */
const INTAKE = ['purchase-events', 'engagement-events'];

/**
 * Waits until everything that was acknowledged has its effects: each stage is read up to the watermark that was taken
 * after the stage before it was done.
 *
 * @throws when a stage makes no progress for `patienceSeconds`; the message names it
 */
export async function settle(
  run: LocalRun,
  report: (line: string) => void,
  patienceSeconds = NO_PROGRESS_SECONDS,
): Promise<void> {
  const stage = (name: string, left: Left): Promise<void> =>
    untilNothingIsLeft(name, left, report, patienceSeconds);
  const admin = createKafkaClient({
    brokers: run.brokers,
    clientId: 'kizuna-tools',
    log: () => undefined,
  }).admin();
  try {
    const known = await admin.partitionCounts(INTAKE.map(run.topicName));
    for (const topic of INTAKE.filter((name) => known.has(run.topicName(name))))
      await stage('campaigns decides', await unread(run, admin, 'campaigns', topic));
    await stage('campaigns publishes', () => unpublished(run, 'campaigns'));
    await stage('points-ledger posts', await unread(run, admin, 'points-ledger', 'award-events'));
    await stage('points-ledger publishes', () => unpublished(run, 'points-ledger'));
  } finally {
    await admin.stop();
  }
}

type Left = () => Promise<number>;

async function unread(run: LocalRun, admin: Admin, room: RoomName, topic: string): Promise<Left> {
  const marks: readonly Watermarks[] = await admin.watermarks(run.topicName(topic));
  return async () => {
    const { positions } = await run.progress(room);
    const next = new Map(
      positions
        .filter((position) => position.topic === topic)
        .map(({ lane, next_offset }) => [lane, next_offset]),
    );
    return marks.reduce(
      (sum, { partition, low, high }) => sum + Math.max(0, high - (next.get(partition) ?? low)),
      0,
    );
  };
}

async function unpublished(run: LocalRun, room: RoomName): Promise<number> {
  const { relay } = await run.progress(room);
  return relay.filter(({ cursor, last_outbox_id }) => cursor < last_outbox_id).length;
}

async function untilNothingIsLeft(
  name: string,
  left: Left,
  report: (line: string) => void,
  patienceSeconds: number,
): Promise<void> {
  let least = Infinity;
  let movedAt = Date.now();
  let reportedAt = Date.now();
  for (;;) {
    // A service that is being started again does not answer: that is no progress, and no failure yet.
    const count = await left().catch(() => Infinity);
    if (count === 0) return;
    if (count < least) {
      least = count;
      movedAt = Date.now();
    }
    if (Date.now() - movedAt > patienceSeconds * 1_000)
      throw new Error(
        `${name}: no progress for ${patienceSeconds} s, ${least === Infinity ? 'no answer' : `${least} left`}`,
      );
    if (Date.now() - reportedAt > 2_000) {
      report(`${name}: ${count === Infinity ? 'waiting for it' : `${count} left`}`);
      reportedAt = Date.now();
    }
    await sleep(ASK_EVERY_MS);
  }
}
