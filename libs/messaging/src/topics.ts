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

function ownedBy(owner: string): [string, TopicSettings][] {
  return Object.entries<TopicSettings>(topics).filter(([, settings]) => settings.owner === owner);
}

/** Topics that a room publishes to and that are not there: a send would be retried for many seconds, and the relay for ever. */
export async function missingOwnTopics(
  admin: Admin,
  owner: string,
  topicName: (topic: string) => string,
): Promise<string[]> {
  const names = ownedBy(owner).flatMap(([topic]) => [topicName(topic), topicName(`${topic}.dlq`)]);
  if (names.length === 0) return [];
  const known = await admin.partitionCounts(names);
  return names.filter((name) => !known.has(name));
}

/** Creates the topics that a room owns, where they are missing. A part of its migration; brokers create none by themselves. */
export async function createOwnTopics(
  admin: Admin,
  owner: string,
  topicName: (topic: string) => string,
): Promise<void> {
  const own = ownedBy(owner);
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
