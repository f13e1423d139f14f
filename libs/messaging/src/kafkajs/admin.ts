import type { Admin as KafkaJsAdmin, Kafka } from 'kafkajs';
import type { Admin } from '../port.js';

const ATTEMPTS = 25;
const PAUSE_MS = 200;

/** While a topic is being created, other answers about topics fail for a moment; the client does not retry those. */
async function onceTopicsAreKnown<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const type = (error as { type?: string }).type ?? '';
      const isPassing = [
        'UNKNOWN_TOPIC_OR_PARTITION',
        'LEADER_NOT_AVAILABLE',
        'NOT_LEADER_FOR_PARTITION',
      ].includes(type);
      if (!isPassing || attempt === ATTEMPTS) throw error;
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
      await client.createTopics({
        waitForLeaders: false,
        topics: missing.map(({ topic, partitions, settings }) => ({
          topic,
          numPartitions: partitions,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        })),
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
