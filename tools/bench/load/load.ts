import { setTimeout as sleep } from 'node:timers/promises';
import type { FrontDoor } from './front-door.js';
import type { Batch, PurchaseStream } from './purchase-stream.js';

const RETRY_MS = 200;
const GIVE_UP_AFTER_MS = 60_000;
const WAIT_MS = 2;

/** Sends batches of the stream and remembers what was acknowledged. */
export class Load {
  private acknowledgedCount = 0;
  private pointsCount = 0;
  private retryCount = 0;
  private readonly spare: Buffer[] = [];
  private stopping = false;

  constructor(
    private readonly door: FrontDoor,
    private readonly stream: PurchaseStream,
    private readonly batchSize: number,
  ) {}

  /** Purchases that were answered with 202. */
  get acknowledged(): number {
    return this.acknowledgedCount;
  }

  /** What they must give. */
  get points(): number {
    return this.pointsCount;
  }

  get retries(): number {
    return this.retryCount;
  }

  /** Closed loop: so many requests at a time, none while too much is acknowledged and not posted. Ends after `stop`. */
  async closedLoop(inFlight: number, maxBehind: number, posted: () => number): Promise<void> {
    this.stopping = false;
    let underWay = 0;
    const sender = async (): Promise<void> => {
      while (!this.stopping) {
        if (this.acknowledgedCount + underWay - posted() >= maxBehind) {
          await sleep(WAIT_MS);
          continue;
        }
        underWay += this.batchSize;
        await this.sendNext();
        underWay -= this.batchSize;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sender));
  }

  /** Open loop: purchases at a fixed rate, whether or not the earlier ones are answered. Ends after `stop`. */
  async openLoop(purchasesPerSecond: number): Promise<void> {
    this.stopping = false;
    const everyMs = (this.batchSize * 1_000) / purchasesPerSecond;
    const underWay = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for (let at = performance.now(); !this.stopping; at += everyMs) {
      const sent = this.sendNext().catch((error: unknown) => failures.push(error));
      const settled = sent.then(() => void underWay.delete(settled));
      underWay.add(settled);
      await sleep(Math.max(0, at + everyMs - performance.now()));
    }
    await Promise.all(underWay);
    if (failures.length > 0) throw failures[0];
  }

  stop(): void {
    this.stopping = true;
  }

  private async sendNext(): Promise<void> {
    const batch = this.stream.batch(this.batchSize, this.spare.pop());
    await this.send(batch);
    this.spare.push(batch.memory);
  }

  /** The same batch again after an unclear answer is the same events: always safe. */
  private async send({ body, count, points }: Batch): Promise<void> {
    const until = performance.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      const status = await this.door.postBatch(body).catch((error: unknown) => String(error));
      if (status === 202) break;
      const isPassing = typeof status === 'string' || status === 429 || status >= 500;
      if (!isPassing || performance.now() > until) throw new Error(`POST /v1/events answers ${status}`);
      this.retryCount += 1;
      await sleep(RETRY_MS);
    }
    this.acknowledgedCount += count;
    this.pointsCount += points;
  }
}
