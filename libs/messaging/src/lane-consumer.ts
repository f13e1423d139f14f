import { isDatabaseAway, type Database } from '@kizuna/database';
import { cut } from './chunk.js';
import { ChunkRunner } from './chunk-runner.js';
import { JointRunner } from './joint-runner.js';
import { classify, isClientError, Missing, TryAgain } from './failures.js';
import { beginAttempt, endAttempt, LaneLost, type LaneAddress, type LaneHold } from './lane-position.js';
import type { HandledChunk, TopicHandler } from './topic-handler.js';
import { isSameTopic, lastHandled, moveTo, takeAndCompare, type TopicAlarm } from './lane-taking.js';
import type { BatchControl, FetchedBatch, FetchedMessage, Watermarks } from './port.js';

const BACKOFF_FIRST_MS = 200;
const BACKOFF_LAST_MS = 30_000;
/** After so many beginnings without an end the first event of the chunk is what ends the process. */
const MAX_ATTEMPTS = 3;

export interface LaneFailure {
  readonly topic: string;
  readonly lane: number;
  readonly error: unknown;
  readonly attempt: number;
  readonly retryInMs: number;
}

export interface LaneConsumerOptions {
  readonly database: Database;
  readonly owner: string;
  /** CloudEvents source of what this room publishes. */
  readonly source: string;
  readonly handlers: ReadonlyMap<string, TopicHandler>;
  watermarks(physicalTopic: string, lane: number): Promise<Watermarks>;
  /** A chunk is committed and may have published something. */
  onCommitted(handled: HandledChunk): void;
  onFailure(failure: LaneFailure): void;
  onAlarm(alarm: TopicAlarm): void;
  /** Nothing can be handled here: stop consuming, and say so. */
  onSystemic(error: unknown): void;
}

interface Lane {
  readonly hold: LaneHold;
  /** The batch to come begins at the last event that was handled, to be recognised. */
  isToBeVerified: boolean;
  /** Nothing was handled since it was taken. */
  isFresh: boolean;
}

/** The client steps by itself over what compaction has left of a record batch without messages, and never back. */
function isNext(expected: number, { fetchedOffset }: FetchedBatch, { isCompacted }: TopicHandler): boolean {
  return fetchedOffset === expected || (isCompacted && fetchedOffset > expected);
}

/**
 * What lies before this batch cannot be had: the client was sent to the position when the lane was taken, has got there what
 * nobody may read (an aborted transaction), and has stepped over it by itself. What was deleted is not meant: that is told.
 */
async function hasNothingBetween(
  lane: Lane,
  { fetchedOffset }: FetchedBatch,
  watermarks: () => Promise<Watermarks>,
): Promise<boolean> {
  const expected = expectedBy(lane);
  if (!lane.isFresh || fetchedOffset <= expected) return false;
  return (await watermarks()).low <= expected;
}

function expectedBy({ hold, isToBeVerified }: Lane): number {
  return (isToBeVerified ? lastHandled(hold) : undefined) ?? hold.nextOffset;
}

/** Owns lanes: takes them, checks every batch against their position, and runs chunks under their fence. */
export class LaneConsumer {
  private readonly lanes = new Map<string, Lane>();
  private readonly failures = new Map<string, number>();
  private readonly missing = new Missing();
  /** Lanes whose mark of an attempt still stands though this process lives. */
  private readonly unforgiven = new Set<string>();
  private readonly runner: ChunkRunner;
  private readonly joint: JointRunner;
  private turn = Promise.resolve();
  private awayAt = -Infinity;

  constructor(private readonly options: LaneConsumerOptions) {
    this.runner = new ChunkRunner(options, (error) => classify(error, this.missing, performance.now()));
    this.joint = new JointRunner(this.runner);
  }

  /** The group has a new generation: every lane must be taken again before it is worked on. */
  forgetLanes(): void {
    this.lanes.clear();
  }

  async consume(batch: FetchedBatch, control: BatchControl): Promise<void> {
    const handler = this.options.handlers.get(batch.topic);
    if (!handler) throw new Error(`nobody handles ${batch.topic}`);
    const name = `${batch.topic}/${batch.partition}`;
    const address: LaneAddress = { group: handler.group, topic: handler.topic, lane: batch.partition };
    let lane: Lane | undefined;
    try {
      lane = await this.laneFor(handler, address, name, batch, control);
      if (lane) await this.work(handler, address, name, lane, batch, control);
      // A lane that was only taken, or has only looked at its last event, has not got on.
      if (lane && !lane.isFresh) this.gotOn(name);
    } catch (error) {
      this.lanes.delete(name);
      if (isClientError(error)) throw error;
      if (lane?.isFresh) await this.forgiveAttempt(address, name, lane.hold, error);
      this.fail(address, name, error, control);
    }
  }

  /** The lane that this batch may be handled under, or nothing: then it is read anew from where it should be. */
  private async laneFor(
    handler: TopicHandler,
    address: LaneAddress,
    name: string,
    batch: FetchedBatch,
    control: BatchControl,
  ): Promise<Lane | undefined> {
    const { database, owner, onAlarm } = this.options;
    const watermarks = (): Promise<Watermarks> => this.options.watermarks(batch.topic, batch.partition);
    const known = this.lanes.get(name);
    const isExpected =
      known &&
      (isNext(expectedBy(known), batch, handler) || (await hasNothingBetween(known, batch, watermarks)));
    if (isExpected) return known.isToBeVerified ? this.verified(address, known, batch, control) : known;

    const { hold, readFrom, alarm } = await takeAndCompare(
      database,
      address,
      owner,
      watermarks,
      handler.isCompacted,
    );
    if (alarm) onAlarm(alarm);
    if (this.unforgiven.has(name)) await endAttempt(database, address, hold.epoch);
    this.unforgiven.delete(name);
    const lane: Lane = { hold, isToBeVerified: readFrom < hold.nextOffset, isFresh: true };
    this.lanes.set(name, lane);
    if (readFrom !== batch.fetchedOffset) {
      control.seek(readFrom);
      return undefined;
    }
    return lane.isToBeVerified ? this.verified(address, lane, batch, control) : lane;
  }

  private async verified(
    address: LaneAddress,
    lane: Lane,
    batch: FetchedBatch,
    control: BatchControl,
  ): Promise<Lane | undefined> {
    lane.isToBeVerified = false;
    if (isSameTopic(lane.hold, batch)) return lane;
    const { topic, lane: number } = address;
    this.options.onAlarm({ kind: 'topic_recreated', topic, lane: number });
    const { low } = await this.options.watermarks(batch.topic, batch.partition);
    await moveTo(this.options.database, address, lane.hold, low);
    control.seek(low);
    return undefined;
  }

  private async work(
    handler: TopicHandler,
    address: LaneAddress,
    name: string,
    lane: Lane,
    batch: FetchedBatch,
    control: BatchControl,
  ): Promise<void> {
    const { hold } = lane;
    const messages = batch.messages.filter(({ offset }) => offset >= hold.nextOffset);
    if (messages.length === 0) {
      if (batch.nextOffset <= hold.nextOffset) control.settle(hold.nextOffset);
      else await this.settleGap(handler, address, hold, batch, control);
      return;
    }
    let rest = messages;
    if (lane.isFresh) {
      await this.inTurn(() => this.workOnFirst(handler, address, name, hold, batch, messages, control));
      lane.isFresh = false;
      rest = messages.filter(({ offset }) => offset >= hold.nextOffset);
      if (rest.length === 0) return;
    }
    for (const raw of cut(rest, hold.nextOffset, batch.nextOffset)) {
      if (!control.isCurrent()) return;
      await this.joint.run(handler, address, hold, raw);
      control.settle(hold.nextOffset);
      await control.heartbeat();
    }
  }

  /**
   * The first events after a lane was taken, under a mark that stays when the process dies on them. One lane at a time, so
   * that only the one that kills bears it; where there is a mark already, the events up to the next fetch come one by one.
   */
  private async workOnFirst(
    handler: TopicHandler,
    address: LaneAddress,
    name: string,
    hold: LaneHold,
    batch: FetchedBatch,
    messages: readonly FetchedMessage[],
    control: BatchControl,
  ): Promise<void> {
    // Leaving is not dying: else an event behind a few rebalances would pass for a killer.
    if (!control.isCurrent()) return;
    const attempts = await beginAttempt(this.options.database, address, hold);
    let isKiller = attempts > MAX_ATTEMPTS;
    for (const raw of cut(messages, hold.nextOffset, batch.nextOffset, attempts > 1 ? 1 : undefined)) {
      if (!control.isCurrent()) return this.forgiveAttempt(address, name, hold);
      if (isKiller) await this.runner.parkKiller(handler, address, hold, raw, MAX_ATTEMPTS);
      else await this.runner.run(handler, address, hold, raw);
      control.settle(hold.nextOffset);
      await control.heartbeat();
      if (attempts === 1) return;
      isKiller = false;
    }
  }

  /** Whoever waited behind one that has found the database away would wait as long again, each after the other. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const cameAt = performance.now();
    const done = this.turn.then(() => {
      if (this.awayAt > cameAt) throw new TryAgain('the database was away for the lane before');
      return work();
    });
    this.turn = done.catch((error: unknown) => {
      if (isDatabaseAway(error)) this.awayAt = performance.now();
    });
    return done;
  }

  /** Compacted topics end with offsets that have no message any more. */
  private async settleGap(
    handler: TopicHandler,
    address: LaneAddress,
    hold: LaneHold,
    batch: FetchedBatch,
    control: BatchControl,
  ): Promise<void> {
    const { nextOffset } = batch;
    await this.runner.run(handler, address, hold, { messages: [], from: hold.nextOffset, nextOffset });
    control.settle(hold.nextOffset);
  }

  /**
   * This process lives, so whatever went wrong did not kill it. While the database is away it cannot be told: then it is when
   * the lane is taken the next time, before another attempt begins.
   */
  private async forgiveAttempt(
    address: LaneAddress,
    name: string,
    { epoch }: LaneHold,
    error?: unknown,
  ): Promise<void> {
    this.unforgiven.add(name);
    if (isDatabaseAway(error)) return;
    await endAttempt(this.options.database, address, epoch).then(
      () => this.unforgiven.delete(name),
      () => undefined,
    );
  }

  private gotOn(name: string): void {
    this.failures.delete(name);
    this.missing.gotOn(name);
  }

  private fail(address: LaneAddress, name: string, error: unknown, control: BatchControl): void {
    if (classify(error, this.missing, performance.now()) === 'systemic') {
      control.pauseFor(BACKOFF_LAST_MS);
      this.options.onSystemic(error);
      return;
    }
    this.missing.waits(name, error);
    const attempt = (this.failures.get(name) ?? 0) + 1;
    this.failures.set(name, attempt);
    const ceiling = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt - 1, 10));
    const jittered = Math.round(ceiling * (0.5 + Math.random() / 2));
    const retryInMs = error instanceof LaneLost ? BACKOFF_FIRST_MS : jittered;
    control.pauseFor(retryInMs);
    this.options.onFailure({ topic: address.topic, lane: address.lane, error, attempt, retryInMs });
  }
}
