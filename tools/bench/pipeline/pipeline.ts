import { join, resolve } from 'node:path';
import { startLocal, type LocalRun } from '../../local/start-local.js';
import type { Stack } from '../../stack/index.js';
import type { Screen } from '../../start/screen.js';
import { settle } from '../../start/settle.js';
import type { BenchArguments } from '../arguments.js';
import type { Outcome } from '../benchmark.js';
import { FrontDoor } from '../load/front-door.js';
import { Load } from '../load/load.js';
import { PurchaseStream } from '../load/purchase-stream.js';
import { profileServices } from '../measure/profile-services.js';
import { runNaive, type NaiveResult } from '../naive/run-naive.js';
import { figuresOf } from './figures.js';
import { halfLoad } from './half-load.js';
import { databaseFacts, freshStack, openProgram } from './installation.js';
import { StageCounters } from './stage-counters.js';
import { steadyState } from './steady-state.js';
import { tableOf } from './table.js';
import { verify } from './verify.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..', '..');
const PROBE_CONNECTIONS = 64;

/** Purchases from the HTTP batch to posted points, beside handlers as most would write them. */
export async function pipeline(given: BenchArguments, screen: Screen, signal: AbortSignal): Promise<Outcome> {
  const directory = resolve(given.directory ?? join(REPOSITORY, '.data', 'bench'));
  const report = (line: string): void => screen.step(line);
  const stream = new PurchaseStream(given.seed, given.members);
  const stack = await freshStack(directory, report);
  try {
    // First, while the servers have nothing else in them and nothing else runs: the best that they can get.
    const naive = given.naive > 0 ? await runNaive(stack, stream, given.naive, report, signal) : undefined;
    signal.throwIfAborted();
    const run = await startLocal({ directory, stack, root: resolve(given.root ?? REPOSITORY), report });
    try {
      return await measure(given, { run, stack, stream, naive, screen, signal });
    } finally {
      await run.stop();
    }
  } finally {
    await stack.stop();
  }
}

interface Parts {
  readonly run: LocalRun;
  readonly stack: Stack;
  readonly stream: PurchaseStream;
  readonly naive: NaiveResult | undefined;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

async function measure(given: BenchArguments, parts: Parts): Promise<Outcome> {
  const { run, stack, stream, naive, screen, signal } = parts;
  const report = (line: string): void => screen.step(line);
  const apiKey = await openProgram(run);
  const counters = await StageCounters.open(run, stack);
  const door = new FrontDoor(run.urls.gateway, apiKey, given.inFlight);
  const probeDoor = new FrontDoor(run.urls.gateway, apiKey, PROBE_CONNECTIONS);
  try {
    const load = new Load(door, stream, given.batch);
    report(`warming up for ${given.warmUpSeconds} s, then measuring for ${given.seconds} s`);
    const steady = await steadyState(load, counters, given, screen, signal, async () => {
      const { profileDirectory } = given;
      if (profileDirectory !== undefined) await profileServices(profileDirectory, stack, report);
    });
    await settle(run, report);

    const { before, after } = steady;
    const rate = ((after.posted - before.posted) * 1_000) / (after.atMs - before.atMs) / 2;
    report(`half load: ${Math.round(rate)} purchases/s for ${given.halfSeconds} s`);
    const halfDoor = new Load(probeDoor, stream, given.halfBatch);
    const half = await halfLoad(
      halfDoor,
      probeDoor,
      counters,
      { rate, seconds: given.halfSeconds, seed: given.seed },
      signal,
    );
    await settle(run, report);

    const sum = (key: 'purchases' | 'points'): number =>
      half.probes[key] +
      [load, halfDoor].reduce((total, one) => total + (key === 'points' ? one.points : one.acknowledged), 0);
    const acknowledged = { purchases: sum('purchases'), points: sum('points') };
    const faults = [...(naive?.faults ?? []), ...(await verify(counters, acknowledged))];
    const facts = await databaseFacts(counters.ledger, stack);
    const retries = load.retries + halfDoor.retries;
    const measured = { given, steady, half, naive, acknowledged, facts, retries, restarts: run.restarts() };
    const figures = figuresOf({ ...measured, eventBytes: stream.eventBytes() });
    return { figures, table: tableOf(figures), faults };
  } finally {
    door.close();
    probeDoor.close();
    await counters.close();
  }
}
