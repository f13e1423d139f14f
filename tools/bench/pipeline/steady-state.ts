import { setTimeout as sleep } from 'node:timers/promises';
import type { Screen } from '../../start/screen.js';
import type { BenchArguments } from '../arguments.js';
import type { Load } from '../load/load.js';
import type { StageCounters, StageReading } from './stage-counters.js';

const ASK_EVERY_MS = 40;
const TELL_EVERY_MS = 5_000;

export interface SteadyState {
  readonly before: StageReading;
  readonly after: StageReading;
  /** Postings a second in each stretch of the window. */
  readonly stretches: readonly number[];
}

/** Keeps the pipeline full, and measures between two readings after a warm-up. `during` runs afterwards, still full. */
export async function steadyState(
  load: Load,
  counters: StageCounters,
  { inFlight, maxBehind, warmUpSeconds, seconds }: BenchArguments,
  screen: Screen,
  signal: AbortSignal,
  during: () => Promise<void>,
): Promise<SteadyState> {
  const asked = watchPosted(counters);
  const running = load.closedLoop(inFlight, maxBehind, asked.posted);
  // A load that fails ends the waiting below, not only the sending.
  const failed = running.then(() => new Promise<never>(() => undefined));
  try {
    await Promise.race([failed, sleep(warmUpSeconds * 1_000, undefined, { signal })]);
    const before = await counters.read();
    const stretches: number[] = [];
    let last = { atMs: before.atMs, posted: before.posted };
    while (performance.now() < before.atMs + seconds * 1_000) {
      const left = before.atMs + seconds * 1_000 - performance.now();
      await Promise.race([failed, sleep(Math.min(TELL_EVERY_MS, left), undefined, { signal })]);
      const now = { atMs: performance.now(), posted: await counters.posted() };
      const rate = ((now.posted - last.posted) * 1_000) / (now.atMs - last.atMs);
      stretches.push(Math.round(rate));
      screen.step(`${Math.round(rate)} purchases/s posted, ${load.acknowledged - now.posted} behind`);
      last = now;
    }
    const after = await counters.read();
    await Promise.race([failed, during()]);
    return { before, after, stretches };
  } finally {
    load.stop();
    await running.finally(() => asked.stop());
  }
}

/** The newest known count of posted purchases, asked for so often that the back-pressure is smooth. */
function watchPosted(counters: StageCounters): { posted(): number; stop(): Promise<void> } {
  let posted = 0;
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      posted = await counters.posted().catch(() => posted);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    posted: () => posted,
    stop: async () => {
      isStopped = true;
      await watching;
    },
  };
}
