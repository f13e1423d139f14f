import type { Admin as KafkaJsAdmin, Kafka } from 'kafkajs';
import type { Admin } from '../port.js';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;
/** Below the client's own deadline of a request, so that it is the broker who says that it takes longer. */
const CREATING_MS = 9_000;

/** While a topic is being created, other answers about topics fail for a moment; the client does not retry those. */
async function onceTopicsAreKnown<Result>(ask: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const type = (error as { type?: string }).type ?? '';
      const isPassing = [
        'UNKNOWN_TOPIC_OR_PARTITION',
        'LEADER_NOT_AVAILABLE',
        'NOT_LEADER_FOR_PARTITION',
      ].includes(type);
      if (!isPassing || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

function isTimeout(error: unknown): boolean {
  const { errors = [error] } = error as { readonly errors?: readonly unknown[] };
  return errors.every((one) => {
    const { type, name } = one as { readonly type?: string; readonly name?: string };
    return type === 'REQUEST_TIMED_OUT' || name === 'KafkaJSRequestTimeoutError';
  });
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
      const creating = client.createTopics({
        waitForLeaders: false,
        timeout: CREATING_MS,
        topics: missing.map(({ topic, partitions, settings }) => ({
          topic,
          numPartitions: partitions,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        })),
      });
      // A broker that is busy goes on creating them: whether they come is seen below.
      await creating.catch((error: unknown) => {
        if (!isTimeout(error)) throw error;
      });
      await onceTopicsAreKnown(() =>
        client.fetchTopicMetadata({ topics: missing.map(({ topic }) => topic) }),
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
