import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer as KafkaJsConsumer, EachBatchPayload, Kafka } from 'kafkajs';
import { isBrokerAway } from '../failures.js';
import type { BatchControl, Consumer, ConsumerOptions, FetchedBatch } from '../port.js';

const MAX_KEY_BYTES = 1_000;
const START_AGAIN_MS = 1_000;
/** The database knows the positions; the broker is told now and then, for those who watch the group there. */
const COMMIT_EVERY_MS = 1_000;
/** With the broker away, stopping does not wait for it: the last commit and the leave-taking are for others to see. */
const LAST_CHUNKS_MS = 5_000;
const LAST_COMMIT_MS = 2_000;
const LEAVE_MS = 5_000;

/** The offset that was asked for is not in the published types. */
type Batch = EachBatchPayload['batch'] & { readonly fetchedOffset: string };

export function createConsumer(kafka: Kafka, options: ConsumerOptions): Consumer {
  const consumer = kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 15_000,
    heartbeatInterval: 2_000,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: 1_048_576,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 5_000,
      retries: 8,
      restartOnFailure: () => Promise.resolve(true),
    },
  });
  const pauses = new Map<string, { timer: NodeJS.Timeout; resume: () => void }>();
  const settled = new Map<string, { topic: string; partition: number; offset: string }>();
  let committing: NodeJS.Timeout | undefined;
  // By a clock that nobody sets.
  let lastFetchAt = performance.now();
  const running = new Set<Promise<void>>();
  let isStopping = false;
  let starting: NodeJS.Timeout | undefined;
  let assigned = 0;

  // Answered, not only asked: the client also calls it a fetch when the broker hangs up, and asks again at once. Where
  // everything rests there is nothing to ask for.
  const answered = (): void => void (lastFetchAt = performance.now());
  consumer.on(consumer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === 'Fetch') answered();
  });
  consumer.on(consumer.events.FETCH, () => {
    if (pauses.size >= assigned) answered();
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = Object.values(payload.memberAssignment).flat().length;
    // A pause survives losing and regaining a partition, so every generation starts with none.
    for (const { timer, resume } of pauses.values()) {
      clearTimeout(timer);
      resume();
    }
    pauses.clear();
    settled.clear();
    options.onJoin();
  });
  consumer.on(consumer.events.CRASH, ({ payload: { restart, error } }) => {
    // One that stops is not begun anew, nor does its end keep its service from finishing.
    if (restart || isStopping) return;
    // The client gives up for good what any broker says in passing while it looks for the coordinator.
    if (isCoordinatorUnknown(error)) startAgain();
    else options.onCrash(error);
  });

  const commit = async (): Promise<void> => {
    clearTimeout(committing);
    committing = undefined;
    const offsets = [...settled.values()];
    settled.clear();
    // Without explicit offsets nothing would be committed while auto-commit is off. What fails here is told with the next.
    if (offsets.length > 0) await consumer.commitOffsets(offsets).catch(() => undefined);
  };
  const settle = ({ topic, partition }: Batch, nextOffset: number): void => {
    settled.set(`${topic}/${partition}`, { topic, partition, offset: String(nextOffset) });
    // One compressed fetch can bring work for minutes: whoever gets on with it is not stuck.
    answered();
    committing ??= setTimeout(() => void commit(), COMMIT_EVERY_MS);
  };

  const run = async (): Promise<void> => {
    await consumer.connect();
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 12,
      eachBatch: async (payload) => {
        // Not only left: what is not settled would be fetched again at once, thousands of times a second.
        if (isStopping) return void payload.pause();
        const control = controlOf(consumer, payload, pauses, settle);
        const handling = options.eachBatch(fetchedBatch(payload), {
          ...control,
          isCurrent: () => !isStopping && control.isCurrent(),
        });
        running.add(handling);
        await handling.finally(() => running.delete(handling));
      },
    });
  };
  const startAgain = (): void => {
    starting = setTimeout(() => {
      run().catch((error: Error) => {
        if (isStopping) return;
        if (isBrokerAway(error)) startAgain();
        else options.onCrash(error);
      });
    }, START_AGAIN_MS);
  };

  return {
    async start() {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await run();
    },
    sinceLastFetchMs: () => performance.now() - lastFetchAt,
    pausedPartitions: () => pauses.size,
    async stop() {
      for (const { timer } of pauses.values()) clearTimeout(timer);
      pauses.clear();
      isStopping = true;
      clearTimeout(starting);
      // Chunks under way end first, so that what they have done is told too.
      await inTime(LAST_CHUNKS_MS, Promise.allSettled(running));
      await inTime(LAST_COMMIT_MS, commit());
      const leaving = consumer.disconnect();
      await Promise.allSettled(running);
      await inTime(LEAVE_MS, leaving);
    },
  };
}

function isCoordinatorUnknown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || isCoordinatorUnknown(error.cause);
}

async function inTime(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms, undefined, { ref: false })]);
}

function fetchedBatch({ batch }: EachBatchPayload): FetchedBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    fetchedOffset: Number((batch as Batch).fetchedOffset),
    nextOffset: Number(batch.lastOffset()) + 1,
    messages: batch.messages.map(({ offset, key, value }) => ({
      offset: Number(offset),
      key: readableKey(key),
      value: value ?? undefined,
    })),
  };
}

/** Keys of ours are short text; one that no index of the database could hold is none, and its message is set aside alone. */
function readableKey(key: Buffer | null): string | undefined {
  if (!key || key.length > MAX_KEY_BYTES || !isUtf8(key) || key.includes(0)) return undefined;
  return key.toString('utf8');
}

function controlOf(
  consumer: KafkaJsConsumer,
  payload: EachBatchPayload,
  pauses: Map<string, { timer: NodeJS.Timeout; resume: () => void }>,
  settle: (batch: Batch, nextOffset: number) => void,
): BatchControl {
  const { topic, partition } = payload.batch;
  return {
    isCurrent: () => payload.isRunning() && !payload.isStale(),
    heartbeat: () => payload.heartbeat(),
    settle(nextOffset) {
      payload.resolveOffset(String(nextOffset - 1));
      settle(payload.batch as Batch, nextOffset);
    },
    seek: (offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    pauseFor(ms) {
      const lane = `${topic}/${partition}`;
      clearTimeout(pauses.get(lane)?.timer);
      const resume = payload.pause();
      const timer = setTimeout(() => {
        pauses.delete(lane);
        resume();
      }, ms);
      pauses.set(lane, { timer, resume });
    },
  };
}
