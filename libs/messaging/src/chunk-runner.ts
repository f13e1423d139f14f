import { setTimeout as sleep } from 'node:timers/promises';
import { CommitOutcomeUnknown, type Database, type Transaction } from '@kizuna/database';
import { halve, type LaneChunk, type RawChunk } from './chunk.js';
import { decode, type ReceivedEvent } from './events.js';
import type { FailureClass } from './failures.js';
import { claimEvents } from './inbox.js';
import { lastEventOf } from './last-event.js';
import { moveLane, moveLanes, readPosition, type LaneAddress, type LaneHold } from './lane-position.js';
import type { HandledChunk, TopicHandler } from './topic-handler.js';
import { appendToOutbox } from './outbox.js';
import { park, parkedKeys, type Aside } from './parking.js';

export interface ChunkRunnerOptions {
  readonly database: Database;
  readonly source: string;
  onCommitted(handled: HandledChunk): void;
}

/** What is to be done with the messages of a chunk. */
interface Sorted {
  readonly events: readonly ReceivedEvent[];
  readonly asides: readonly Aside[];
  readonly skipped: number;
}

/** A database that was silent at COMMIT is not waited for as long again: the session at the broker would end meanwhile. */
const HEARD_WITHIN_MS = 1_000;

/** Runs a chunk in one transaction: position, parked keys, inbox, handler, outbox. Finds the event that makes it fail. */
export class ChunkRunner {
  constructor(
    private readonly options: ChunkRunnerOptions,
    private readonly classOf: (error: unknown) => FailureClass,
  ) {}

  /**
   * A chunk that fails by one of its events is halved until that event is alone; its key is parked and the others flow.
   *
   * @throws what is the infrastructure's or the installation's fault
   */
  async run(handler: TopicHandler, address: LaneAddress, hold: LaneHold, raw: RawChunk): Promise<void> {
    try {
      await this.commit(handler, address, hold, raw, undefined);
    } catch (error) {
      if (this.classOf(error) !== 'event') throw error;
      if (raw.messages.length <= 1) {
        await this.commit(handler, address, hold, raw, reasonOf(error));
        return;
      }
      for (const half of halve(raw)) await this.run(handler, address, hold, half);
    }
  }

  /**
   * Runs the chunks of several lanes in one transaction.
   *
   * @throws whenever there is anything that concerns one of them alone; nothing stands then
   */
  async runJoint(handler: TopicHandler, chunks: readonly LaneChunk[]): Promise<void> {
    const startedAt = performance.now();
    const moves = chunks.map((chunk) => ({
      ...chunk,
      lastEvent: lastEventOf(chunk.raw, chunk.hold.lastEvent),
    }));
    const decoded = chunks.map(({ raw }) =>
      raw.messages.map((message) => decode(handler.contracts, message)),
    );
    if (decoded.flat().some(({ kind }) => kind === 'unreadable')) throw new Error('an event cannot be read');
    const events = decoded.flat().flatMap((one) => (one.kind === 'event' ? [one.event] : []));
    let fresh = events;
    await this.options.database.transaction(async (tx) => {
      await moveLanes(tx, moves);
      if (handler.inbox) fresh = await claimEvents(tx, events);
      if (fresh.length === 0) return;
      const lane = chunks[0]?.address.lane ?? 0;
      const published = await handler.handle({ topic: handler.topic, lane, events: fresh }, tx);
      await appendToOutbox(tx, this.options.source, published);
    });
    const isFresh = new Set(fresh.map(nameOf));
    for (const [index, { address, hold, raw, lastEvent }] of moves.entries()) {
      hold.nextOffset = raw.nextOffset;
      hold.lastEvent = lastEvent;
      const read = decoded[index]?.flatMap((one) => (one.kind === 'event' ? [one.event] : [])) ?? [];
      const repetitions = read.filter((event) => !isFresh.has(nameOf(event))).length;
      const skipped = raw.messages.length - read.length;
      this.tell(address, { events: read.length, repetitions, skipped, parked: 0 }, startedAt);
    }
  }

  /** The first event of the chunk has ended the process several times: it is parked unread. */
  async parkKiller(
    handler: TopicHandler,
    address: LaneAddress,
    hold: LaneHold,
    raw: RawChunk,
    attempts: number,
  ): Promise<void> {
    await this.commit(handler, address, hold, raw, `ended the process ${attempts} times`);
  }

  private async commit(
    handler: TopicHandler,
    address: LaneAddress,
    hold: LaneHold,
    raw: RawChunk,
    parkReason: string | undefined,
  ): Promise<void> {
    const startedAt = performance.now();
    let counts = { events: 0, repetitions: 0, skipped: 0, parked: 0 };
    const lastEvent = lastEventOf(raw, hold.lastEvent);
    try {
      await this.options.database.transaction(async (tx) => {
        await moveLane(tx, { address, hold, raw, lastEvent });
        const sorted = await this.sort(tx, handler, address, hold, raw, parkReason);
        const copies = sorted.asides.length > 0 ? await park(tx, address, sorted.asides) : [];
        const fresh = handler.inbox ? await claimEvents(tx, sorted.events) : sorted.events;
        const published =
          fresh.length > 0
            ? await handler.handle({ topic: handler.topic, lane: address.lane, events: fresh }, tx)
            : [];
        await appendToOutbox(tx, this.options.source, published, copies);
        counts = {
          events: sorted.events.length,
          repetitions: sorted.events.length - fresh.length,
          skipped: sorted.skipped,
          parked: sorted.asides.length,
        };
      });
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknown) || !(await this.happened(address, hold, raw))) throw error;
    }
    hold.nextOffset = raw.nextOffset;
    hold.lastEvent = lastEvent;
    if (counts.parked > 0) hold.mayHaveParkedKeys = true;
    this.tell(address, counts, startedAt);
  }

  /** What is committed stands, whatever becomes of the telling: an error here must not look like one of the chunk. */
  private tell(
    { topic, lane }: LaneAddress,
    counts: Omit<HandledChunk, 'topic' | 'lane' | 'ms'>,
    startedAt: number,
  ): void {
    try {
      this.options.onCommitted({ topic, lane, ...counts, ms: performance.now() - startedAt });
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Tells what is handled from what is set aside: the unreadable, what is behind a parked key, what must be parked. */
  private async sort(
    tx: Transaction,
    handler: TopicHandler,
    address: LaneAddress,
    hold: LaneHold,
    { messages }: RawChunk,
    parkReason: string | undefined,
  ): Promise<Sorted> {
    const keys = new Set(messages.flatMap(({ key }) => (key === undefined ? [] : [key])));
    const parked = hold.mayHaveParkedKeys ? await parkedKeys(tx, address, [...keys]) : new Set<string>();
    const events: ReceivedEvent[] = [];
    const asides: Aside[] = [];
    let skipped = 0;
    for (const message of messages) {
      if (message.key !== undefined && parked.has(message.key)) {
        asides.push({ message, reason: undefined });
        continue;
      }
      const decoded =
        parkReason === undefined
          ? decode(handler.contracts, message)
          : ({ kind: 'unreadable', reason: parkReason } as const);
      if (decoded.kind === 'event') events.push(decoded.event);
      else if (decoded.kind === 'skipped') skipped += 1;
      else {
        asides.push({ message, reason: decoded.reason });
        if (message.key !== undefined) parked.add(message.key);
      }
    }
    return { events, asides, skipped };
  }

  /** The answer to COMMIT was lost: the position tells whether it happened, at once or when the lane is taken anew. */
  private async happened(
    address: LaneAddress,
    { epoch }: LaneHold,
    { nextOffset }: RawChunk,
  ): Promise<boolean> {
    const silence = sleep(HEARD_WITHIN_MS, undefined, { ref: false });
    const position = await Promise.race([readPosition(this.options.database, address), silence]);
    return position?.epoch === epoch && position.nextOffset === nextOffset;
  }
}

/** Among the events of one transaction. */
const nameOf = ({ key, offset }: ReceivedEvent): string => `${offset} ${key}`;

const MAX_REASON = 1_000;

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, MAX_REASON);
}
