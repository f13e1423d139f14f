import type { EventEnvelope } from '@kizuna/contracts';
import {
  createKafkaClient,
  createOwnTopics,
  laneOf,
  withPrefix,
  type FetchedMessage,
  type KafkaClient,
  type OutgoingMessage,
} from '@kizuna/messaging';
import { realParts, uniqueName } from './real-parts.js';

export interface TestTopics {
  readonly prefix: string;
  readonly client: KafkaClient;
  name(topic: string): string;
  /** Puts values into a topic as they are, each into the lane of its key. */
  produce(
    topic: string,
    messages: readonly { readonly key: string; readonly value: string }[],
  ): Promise<void>;
  /** Every message of a topic from its beginning to its present end, by partition and offset. */
  read(topic: string): Promise<(FetchedMessage & { readonly partition: number })[]>;
  /** The same, decoded. */
  events(topic: string): Promise<EventEnvelope[]>;
}

export function testClient(): KafkaClient {
  return createKafkaClient({ brokers: realParts().brokers, clientId: 'kizuna-test', log: () => undefined });
}

/** Topics of one suite, under a prefix of its own. */
export async function createTopics(...owners: readonly string[]): Promise<TestTopics> {
  const client = testClient();
  const prefix = uniqueName('test');
  const name = withPrefix(prefix);
  const admin = client.admin();
  for (const owner of owners) await createOwnTopics(admin, owner, name);
  await admin.stop();
  const read = (topic: string) => readTopic(client, name(topic));
  return {
    prefix,
    client,
    name,
    read,
    produce: async (topic, messages) => {
      const producer = client.producer();
      await producer.send(
        messages.map(({ key, value }): OutgoingMessage => ({
          topic: name(topic),
          partition: laneOf(key),
          key,
          value,
        })),
      );
      await producer.stop();
    },
    events: async (topic) =>
      (await read(topic)).map(({ value }) => JSON.parse(value?.toString('utf8') ?? '') as EventEnvelope),
  };
}

async function readTopic(client: KafkaClient, topic: string) {
  const admin = client.admin();
  const marks = await admin.watermarks(topic);
  await admin.stop();
  const missing = new Map(
    marks.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]),
  );
  const messages: (FetchedMessage & { readonly partition: number })[] = [];
  if (missing.size === 0) return messages;

  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const consumer = client.consumer({
    groupId: uniqueName('reader'),
    topics: [topic],
    onJoin: () => undefined,
    onCrash: finish,
    eachBatch: async (batch, control) => {
      messages.push(...batch.messages.map((message) => ({ ...message, partition: batch.partition })));
      await control.settle(batch.nextOffset);
      if (batch.nextOffset >= (missing.get(batch.partition) ?? Infinity)) missing.delete(batch.partition);
      if (missing.size === 0) finish();
    },
  });
  await consumer.start();
  await finished;
  await consumer.stop();
  return messages.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
