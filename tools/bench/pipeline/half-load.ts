import { setTimeout as sleep } from 'node:timers/promises';
import type { FrontDoor } from '../load/front-door.js';
import type { Load } from '../load/load.js';
import { pointsOf, purchaseOf } from '../load/purchase.js';
import type { StageCounters, StageReading, Stages } from './stage-counters.js';
import type { Acknowledged } from './verify.js';

const PROBES = 250;
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
 * Under an even load of half of what the pipeline can do, single purchases of members of their own, one after the other;
 * each is looked for every few milliseconds. Their wallets are opened before: a refused read would cost a log line.
 */
export async function halfLoad(
  load: Load,
  door: FrontDoor,
  counters: StageCounters,
  { rate, seconds, seed }: { readonly rate: number; readonly seconds: number; readonly seed: number },
  signal: AbortSignal,
): Promise<HalfLoad> {
  const prober = new Prober(door, seed);
  await prober.open();
  const before = await counters.read();
  const startedAt = performance.now();
  const running = load.openLoop(rate);
  const everyMs = (seconds * 1_000) / PROBES;
  const probes: Promise<void>[] = [];
  const looks: Stages[] = [];
  try {
    for (let probe = 0; probe < PROBES; probe += 1) {
      probes.push(prober.probe(probe));
      if (probe % 2 === 1) looks.push(await counters.stages());
      await sleep(Math.max(0, startedAt + (probe + 1) * everyMs - performance.now()), undefined, { signal });
    }
    const after = await counters.read();
    await Promise.all(probes);
    return { ...prober.result(), before, after, waiting: waitingOf(looks) };
  } finally {
    load.stop();
    await Promise.allSettled(probes);
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
  private readonly visibleMs: number[] = [];
  private readonly answeredMs: number[] = [];
  private purchases = 0;
  private points = 0;

  constructor(
    private readonly door: FrontDoor,
    private readonly seed: number,
  ) {}

  async open(): Promise<void> {
    await Promise.all(
      Array.from({ length: PROBES }, async (_, probe) => {
        await this.buy(probe, 'first');
        await this.until(probe, 1);
      }),
    );
  }

  async probe(probe: number): Promise<void> {
    const sentAt = performance.now();
    await this.buy(probe, 'second');
    const answeredAt = performance.now();
    await this.until(probe, 2);
    this.visibleMs.push(performance.now() - answeredAt);
    this.answeredMs.push(answeredAt - sentAt);
  }

  result(): Pick<HalfLoad, 'visibleMs' | 'answeredMs' | 'probes'> {
    const { visibleMs, answeredMs, purchases, points } = this;
    return { visibleMs, answeredMs, probes: { purchases, points } };
  }

  private async buy(probe: number, which: string): Promise<void> {
    const orderId = `probe-${probe}-${which}`;
    const memberId = `probe-${probe}`;
    const body = purchaseOf(this.seed + probe, { orderId, memberId, occurredAt: new Date().toISOString() });
    const { status, text } = await this.door.post('/v1/purchases', body);
    if (status !== 202) throw new Error(`POST /v1/purchases answers ${status}: ${text}`);
    this.purchases += 1;
    this.points += pointsOf(body);
  }

  private async until(probe: number, seq: number): Promise<void> {
    const until = performance.now() + VISIBLE_WITHIN_MS;
    for (;;) {
      const { status, text } = await this.door.get(`/v1/members/probe-${probe}/wallets/points`);
      if (status === 200 && (JSON.parse(text) as Wallet).seq >= seq) return;
      if (status !== 200 && status !== 404)
        throw new Error(`the wallet of a probe answers ${status}: ${text}`);
      if (performance.now() > until)
        throw new Error(`purchase ${seq} of probe ${probe} does not become visible`);
      await sleep(POLL_MS);
    }
  }
}
