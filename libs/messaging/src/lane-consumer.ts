import type { EventContract } from '@kizuna/contracts';
import type { Database, Transaction } from '@kizuna/database';
import { cut, decodeAll, type Chunk, type RawChunk } from './chunk.js';
import type { ReceivedEvent } from './events.js';
import { claimEvents } from './inbox.js';
import { LaneLost, moveLane, takeLane, type LaneAddress, type LaneHold } from './lane-position.js';
import { appendToOutbox, type OutgoingEvent } from './outbox.js';
import type { BatchControl, FetchedBatch } from './port.js';

const BACKOFF_FIRST_MS = 200;
const BACKOFF_LAST_MS = 30_000;

/** What a room does with one topic. */
export interface TopicHandler {
  readonly group: string;
  readonly topic: string;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly inbox: boolean;
  handle(chunk: Chunk, tx: Transaction): Promise<readonly OutgoingEvent[]>;
}

export interface LaneConsumerOptions {
  readonly database: Database;
  readonly owner: string;
  /** CloudEvents source of what this room publishes. */
  readonly source: string;
  readonly handlers: ReadonlyMap<string, TopicHandler>;
  /** Earliest offset of a partition, asked once when a lane is taken for the first time. */
  firstOffset(physicalTopic: string, lane: number): Promise<number>;
  /** A chunk is committed and may have published something. */
  onCommitted(): void;
  onFailure(failure: LaneFailure): void;
}

export interface LaneFailure {
  readonly topic: string;
  readonly lane: number;
  readonly error: unknown;
  readonly attempt: number;
  readonly retryInMs: number;
}

/** Turns fetched batches into chunks, each one transaction: position, inbox, handler, outbox. */
export class LaneConsumer {
  private readonly holds = new Map<string, LaneHold>();
  private readonly attempts = new Map<string, number>();

  constructor(private readonly options: LaneConsumerOptions) {}

  /** The group has a new generation: every lane must be taken again before it is worked on. */
  forgetLanes(): void {
    this.holds.clear();
  }

  async consume(batch: FetchedBatch, control: BatchControl): Promise<void> {
    const handler = this.options.handlers.get(batch.topic);
    if (!handler) throw new Error(`nobody handles ${batch.topic}`);
    const name = `${batch.topic}/${batch.partition}`;
    try {
      const hold = await this.holdOf(handler, name, batch, control);
      if (!hold) return;
      for (const raw of cut(batch.messages, batch.nextOffset)) {
        if (!control.isCurrent()) return;
        await this.run(handler, batch.partition, hold, raw);
        this.attempts.delete(name);
        await control.settle(hold.nextOffset);
        await control.heartbeat();
      }
    } catch (error) {
      if (isClientError(error)) throw error;
      this.holds.delete(name);
      this.backOff(handler, batch.partition, name, error, control);
    }
  }

  /** The hold under which this batch may be handled, or nothing: then the lane was just taken, and is read anew. */
  private async holdOf(
    handler: TopicHandler,
    name: string,
    batch: FetchedBatch,
    control: BatchControl,
  ): Promise<LaneHold | undefined> {
    const known = this.holds.get(name);
    if (known?.nextOffset === batch.fetchedOffset) return known;

    const address = addressOf(handler, batch.partition);
    const first = await this.options.firstOffset(batch.topic, batch.partition);
    const taken = await takeLane(this.options.database, address, this.options.owner, first);
    this.holds.set(name, taken);
    if (taken.nextOffset === batch.fetchedOffset) return taken;
    control.seek(taken.nextOffset);
    return undefined;
  }

  private async run(handler: TopicHandler, lane: number, hold: LaneHold, raw: RawChunk): Promise<void> {
    const events = decodeAll(handler.contracts, raw.messages);
    await this.options.database.transaction(async (tx) => {
      await moveLane(tx, addressOf(handler, lane), hold, raw.nextOffset, events.at(-1)?.id);
      const fresh: readonly ReceivedEvent[] = handler.inbox ? await claimEvents(tx, events) : events;
      if (fresh.length === 0) return;
      const published = await handler.handle({ topic: handler.topic, lane, events: fresh }, tx);
      await appendToOutbox(tx, this.options.source, published);
    });
    hold.nextOffset = raw.nextOffset;
    this.options.onCommitted();
  }

  private backOff(
    handler: TopicHandler,
    lane: number,
    name: string,
    error: unknown,
    control: BatchControl,
  ): void {
    const attempt = (this.attempts.get(name) ?? 0) + 1;
    this.attempts.set(name, attempt);
    const ceiling = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt - 1, 10));
    const retryInMs =
      error instanceof LaneLost ? BACKOFF_FIRST_MS : Math.round(ceiling * (0.5 + Math.random() / 2));
    control.pauseFor(retryInMs);
    this.options.onFailure({ topic: handler.topic, lane, error, attempt, retryInMs });
  }
}

function addressOf({ group, topic }: TopicHandler, lane: number): LaneAddress {
  return { group, topic, lane };
}

/** Errors of the client itself (a rebalance under way, an unknown member) end the batch and are the client's to handle. */
function isClientError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
