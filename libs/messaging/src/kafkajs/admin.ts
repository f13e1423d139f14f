import type { Admin as KafkaJsAdmin, Kafka } from 'kafkajs';
import type { Admin } from '../port.js';

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
      const known = new Set(await client.listTopics());
      const missing = topics.filter(({ topic }) => !known.has(topic));
      if (missing.length === 0) return;
      await client.createTopics({
        waitForLeaders: true,
        topics: missing.map(({ topic, partitions, settings }) => ({
          topic,
          numPartitions: partitions,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        })),
      });
    },
    async partitionCounts(topics) {
      const client = await connected();
      const known = new Set(await client.listTopics());
      const { topics: found } = await client.fetchTopicMetadata({
        topics: topics.filter((name) => known.has(name)),
      });
      return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
    },
    async watermarks(topic) {
      const client = await connected();
      const offsets = await client.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
    },
    async stop() {
      if (connecting) await admin.disconnect();
    },
  };
}
