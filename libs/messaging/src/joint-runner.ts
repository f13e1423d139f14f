import type { ChunkRunner } from './chunk-runner.js';
import type { LaneChunk, RawChunk } from './chunk.js';
import type { LaneAddress, LaneHold } from './lane-position.js';
import type { TopicHandler } from './topic-handler.js';

interface Waiting extends LaneChunk {
  readonly handler: TopicHandler;
  resolve(): void;
  reject(error: unknown): void;
}

/** Transactions at a time: more make chunks smaller and nothing faster. */
const SLOTS = 3;
const MAX_JOINT_MESSAGES = 1_000;

/**
 * Lets the small chunks of several lanes share one transaction. What a transaction costs beside its events (a dozen round
 * trips, a flush to the disk) is then paid once and not once a lane, which at a moderate load is most of all cost. A chunk
 * that comes while every slot is taken waits for the next one with the others.
 *
 * When a joint transaction fails, each lane runs alone, so that what one of them has is found and treated there.
 */
export class JointRunner {
  private readonly waiting: Waiting[] = [];
  private running = 0;
  private isScheduled = false;

  constructor(private readonly runner: ChunkRunner) {}

  run(handler: TopicHandler, address: LaneAddress, hold: LaneHold, raw: RawChunk): Promise<void> {
    if (hold.mayHaveParkedKeys) return this.runner.run(handler, address, hold, raw);
    return new Promise((resolve, reject) => {
      this.waiting.push({ handler, address, hold, raw, resolve, reject });
      this.schedule();
    });
  }

  /** The lanes of one fetch come within a turn of the event loop. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.running < SLOTS && this.waiting.length > 0) void this.runNext();
    });
  }

  private async runNext(): Promise<void> {
    this.running += 1;
    const chunks = this.take();
    try {
      await this.runTogether(chunks);
    } finally {
      this.running -= 1;
      this.schedule();
    }
  }

  private take(): Waiting[] {
    const [first] = this.waiting;
    if (!first) return [];
    let messages = 0;
    const taken = this.waiting.filter(({ handler, raw }) => {
      const fits = messages === 0 || messages + raw.messages.length <= MAX_JOINT_MESSAGES;
      if (handler !== first.handler || !fits) return false;
      messages += raw.messages.length;
      return true;
    });
    for (const chunk of taken) this.waiting.splice(this.waiting.indexOf(chunk), 1);
    return taken;
  }

  private async runTogether(chunks: readonly Waiting[]): Promise<void> {
    const [first] = chunks;
    if (first && chunks.length > 1) {
      const isDone = await this.runner.runJoint(first.handler, chunks).then(
        () => true,
        () => false,
      );
      if (isDone) {
        for (const { resolve } of chunks) resolve();
        return;
      }
    }
    await Promise.all(
      chunks.map(({ handler, address, hold, raw, resolve, reject }) =>
        this.runner.run(handler, address, hold, raw).then(resolve, reject),
      ),
    );
  }
}
