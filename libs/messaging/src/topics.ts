import { LANES, topics, type TopicSettings } from '@kizuna/contracts';
import type { Admin } from './port.js';

const DLQ_RETENTION_MS = 30 * 86_400_000;

/** Physical names carry a prefix where several installations share a broker. */
export function withPrefix(prefix: string): (name: string) => string {
  return prefix ? (name) => `${prefix}.${name}` : (name) => name;
}

function settingsOf({ retentionMs, compacted }: TopicSettings): Record<string, string> {
  if (compacted) return { 'cleanup.policy': 'compact' };
  return { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) };
}

/** Creates the topics that a room owns, where they are missing. A part of its migration; brokers create none by themselves. */
export async function createOwnTopics(
  admin: Admin,
  owner: string,
  topicName: (topic: string) => string,
): Promise<void> {
  const own = Object.entries<TopicSettings>(topics).filter(([, settings]) => settings.owner === owner);
  if (own.length === 0) return;
  await admin.createTopics([
    ...own.map(([topic, settings]) => ({
      topic: topicName(topic),
      partitions: LANES,
      settings: settingsOf(settings),
    })),
    // What a consumer of the topic could not handle, for those who watch; the truth is in its database.
    ...own.map(([topic]) => ({
      topic: topicName(`${topic}.dlq`),
      partitions: LANES,
      settings: settingsOf({ owner, retentionMs: DLQ_RETENTION_MS }),
    })),
  ]);
}
