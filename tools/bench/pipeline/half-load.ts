import { setTimeout as sleep } from 'node:timers/promises';
import type { FrontDoor } from '../load/front-door.js';
import type { Load } from '../load/load.js';
import { pointsOf, purchaseOf } from '../load/purchase.js';
import { seeded } from '../load/seeded.js';
import type { StageCounters, StageReading, Stages } from './stage-counters.js';
import type { Acknowledged } from './verify.js';

/** Few, because every look of a probe is work for the same cores. */
const PROBERS = 1;
const LEAST_PROBES = 200;
const LEAST_PROBES_A_SECOND = 8;
const LONGEST_MS = 180_000;
const SPACING_MS = 40;
const LOOK_EVERY_MS = 200;
const POLL_MS = 5;
const VISIBLE_WITHIN_MS = 60_000;

export interface HalfLoad {
  /** From the 202 of a single purchase to the balance that has it, read through the front door. */
  readonly visibleMs: readonly number[];
  /** From sending it to its 202. */
  readonly answeredMs: readonly number[];
  readonly probes: Acknowledged;
  readonly before: StageReading;
  readonly after: StageReading;
  /** How many purchases were between the stages, on average of many looks. */
  readonly waiting: Waiting;
}

/** Divided by the rate this is the mean time in a stage (Little's law). */
export interface Waiting {
  readonly campaigns: number;
  readonly relay: number;
  readonly ledger: number;
}

interface Wallet {
  readonly seq: number;
}

/**
 * Under an even load of half of what the pipeline can do, a few probers buy one thing after the other, each time as a
 * member of their own, and look every few milliseconds whether the balance has it.
 */
export async function halfLoad(
  load: Load,
  door: FrontDoor,
  counters: StageCounters,
  { rate, seconds, seed }: { readonly rate: number; readonly seconds: number; readonly seed: number },
  signal: AbortSignal,
): Promise<HalfLoad> {
  const probers = Array.from({ length: PROBERS }, (_, index) => new Prober(door, seed, index));
  await Promise.all(probers.map((prober) => prober.buyAndWait()));
  const running = load.openLoop(rate);
  const state = { isOver: false };
  const probing = probers.map((prober) => prober.run(state));
  const looks: Stages[] = [];
  const least = Math.min(LEAST_PROBES, seconds * LEAST_PROBES_A_SECOND);
  try {
    const before = await counters.read();
    const done = (): number => probers.reduce((sum, { visibleMs }) => sum + visibleMs.length, 0);
    const elapsed = (): number => performance.now() - before.atMs;
    while (elapsed() < seconds * 1_000 || (done() < least && elapsed() < LONGEST_MS)) {
      const waited = sleep(LOOK_EVERY_MS, undefined, { signal });
      await Promise.race([waited, ...probing.map((probe) => probe.then(() => waited))]);
      looks.push(await counters.stages());
    }
    const after = await counters.read();
    state.isOver = true;
    await Promise.all(probing);
    return {
      visibleMs: probers.flatMap(({ visibleMs }) => visibleMs),
      answeredMs: probers.flatMap(({ answeredMs }) => answeredMs),
      probes: {
        purchases: probers.reduce((sum, { purchases }) => sum + purchases, 0),
        points: probers.reduce((sum, { points }) => sum + points, 0),
      },
      before,
      after,
      waiting: waitingOf(looks),
    };
  } finally {
    state.isOver = true;
    load.stop();
    await Promise.allSettled(probing);
    await running;
  }
}

function waitingOf(looks: readonly Stages[]): Waiting {
  const mean = (pick: (look: Stages) => number): number =>
    looks.reduce((sum, look) => sum + pick(look), 0) / Math.max(1, looks.length);
  return {
    campaigns: mean(({ takenIn, decided }) => takenIn - decided),
    relay: mean(({ decided, relayed }) => decided - relayed),
    ledger: mean(({ relayed, posted }) => relayed - posted),
  };
}

class Prober {
  readonly visibleMs: number[] = [];
  readonly answeredMs: number[] = [];
  purchases = 0;
  points = 0;
  private readonly memberId: string;
  private readonly random: () => number;

  constructor(
    private readonly door: FrontDoor,
    private readonly seed: number,
    index: number,
  ) {
    this.memberId = `probe-${index}`;
    this.random = seeded(seed + index);
  }

  async run(state: { readonly isOver: boolean }): Promise<void> {
    while (!state.isOver) {
      const { answeredMs, visibleMs } = await this.buyAndWait();
      this.answeredMs.push(answeredMs);
      this.visibleMs.push(visibleMs);
      // At any moment between two batches of the load, not always at the same one.
      await sleep(this.random() * 2 * SPACING_MS);
    }
  }

  async buyAndWait(): Promise<{ readonly answeredMs: number; readonly visibleMs: number }> {
    const orderId = `${this.memberId}-${this.purchases}`;
    const who = { orderId, memberId: this.memberId, occurredAt: new Date().toISOString() };
    const body = purchaseOf(this.seed + this.purchases, who);
    const sentAt = performance.now();
    const { status, text } = await this.door.post('/v1/purchases', body);
    const answeredAt = performance.now();
    if (status !== 202) throw new Error(`POST /v1/purchases answers ${status}: ${text}`);
    this.purchases += 1;
    this.points += pointsOf(body);
    await this.untilVisible();
    return { answeredMs: answeredAt - sentAt, visibleMs: performance.now() - answeredAt };
  }

  private async untilVisible(): Promise<void> {
    const until = performance.now() + VISIBLE_WITHIN_MS;
    for (;;) {
      const { status, text } = await this.door.get(`/v1/members/${this.memberId}/wallets/points`);
      if (status === 200 && (JSON.parse(text) as Wallet).seq >= this.purchases) return;
      if (status !== 200 && status !== 404)
        throw new Error(`the wallet of a probe answers ${status}: ${text}`);
      if (performance.now() > until)
        throw new Error(`a purchase of ${this.memberId} does not become visible`);
      await sleep(POLL_MS);
    }
  }
}
