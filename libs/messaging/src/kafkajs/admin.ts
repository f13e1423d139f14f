import type { Admin as KafkaJsAdmin, Kafka } from 'kafkajs';
import type { Admin } from '../port.js';

/** A consumer asks in the middle of its work, and its session at the broker is short; a migration has time. */
const PATIENCE_MS = 5_000;
const CREATION_PATIENCE_MS = 30_000;
const PAUSE_MS = 200;
/** Below the client's own deadline of a request, so that it is the broker who says that it takes longer. */
const CREATING_MS = 9_000;

const PASSING: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  // A busy broker that has missed its own heartbeats counts as none for a moment.
  'INVALID_REPLICATION_FACTOR',
  'REQUEST_TIMED_OUT',
]);

/** The client wraps what the broker has said, alone or for several topics. */
function typesOf(error: unknown): string[] {
  const { type, cause, errors } = error as {
    readonly type?: string;
    readonly cause?: unknown;
    readonly errors?: readonly unknown[];
  };
  if (errors !== undefined && errors.length > 0) return errors.flatMap(typesOf);
  return type === undefined && cause !== undefined ? typesOf(cause) : [type ?? ''];
}

/** While leaders are elected the client gets no list of topics, and takes it apart all the same. */
class BrokerNotReady extends Error {
  override readonly name = 'BrokerNotReady';
  constructor(cause: TypeError) {
    super('the broker does not tell its topics yet', { cause });
  }
}

/** While a topic is being created, other answers about topics fail for a moment; the client does not retry those. */
async function onceTopicsAreKnown<Result>(
  ask: () => Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const told = error instanceof TypeError ? new BrokerNotReady(error) : error;
      const isPassing = told instanceof BrokerNotReady || typesOf(told).every((type) => PASSING.has(type));
      if (!isPassing || performance.now() > until) throw told;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

export function createAdmin(kafka: Kafka): Admin {
  const admin = kafka.admin({ retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8 } });
  let connecting: Promise<void> | undefined;

  async function connected(): Promise<KafkaJsAdmin> {
    connecting ??= admin.connect().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    await connecting;
    return admin;
  }

  return {
    async createTopics(topics) {
      const client = await connected();
      const known = new Set(await onceTopicsAreKnown(() => client.listTopics()));
      const missing = topics.filter(({ topic }) => !known.has(topic));
      if (missing.length === 0) return;
      const creating = (): Promise<boolean> =>
        client.createTopics({
          waitForLeaders: false,
          timeout: CREATING_MS,
          topics: missing.map(({ topic, partitions, settings }) => ({
            topic,
            numPartitions: partitions,
            configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
          })),
        });
      await onceTopicsAreKnown(creating, CREATION_PATIENCE_MS);
      await onceTopicsAreKnown(
        () => client.fetchTopicMetadata({ topics: missing.map(({ topic }) => topic) }),
        CREATION_PATIENCE_MS,
      );
    },
    async partitionCounts(topics) {
      const client = await connected();
      const known = new Set(await onceTopicsAreKnown(() => client.listTopics()));
      const asked = topics.filter((name) => known.has(name));
      if (asked.length === 0) return new Map();
      const { topics: found } = await onceTopicsAreKnown(() => client.fetchTopicMetadata({ topics: asked }));
      return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
    },
    async watermarks(topic) {
      const client = await connected();
      const offsets = await onceTopicsAreKnown(() => client.fetchTopicOffsets(topic));
      return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
    },
    async groupOffsets(group) {
      const client = await connected();
      const topics = await client.fetchOffsets({ groupId: group });
      return new Map(
        topics.map(({ topic, partitions }) => [
          topic,
          // Negative where nothing was ever committed.
          partitions
            .map(({ partition, offset }) => ({ partition, offset: Number(offset) }))
            .filter(({ offset }) => offset >= 0),
        ]),
      );
    },
    async stop() {
      if (connecting) await admin.disconnect();
    },
  };
}
