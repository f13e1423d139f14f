import type { EventEnvelope } from '@kizuna/contracts';
import { createKafkaClient, type KafkaClient } from '@kizuna/messaging';

export interface EachOptions {
  readonly topic: string;
  readonly group: string;
  handle(event: EventEnvelope, key: string): Promise<void>;
}

export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

export function naiveClient(clientId: string): KafkaClient {
  const brokers = environment('KAFKA_BROKERS').split(',');
  return createKafkaClient({ brokers, clientId, log: () => undefined });
}

/**
 * One message at a time, as `eachMessage` of the client would hand them over: a few partitions at once, a heartbeat after
 * every message, offsets committed when the fetched batch is done. Tells the parent when it has joined the group.
 */
export async function consumeEach(client: KafkaClient, { topic, group, handle }: EachOptions): Promise<void> {
  const consumer = client.consumer({
    groupId: group,
    topics: [topic],
    eachBatch: async ({ messages, nextOffset }, control) => {
      for (const { key = '', value } of messages) {
        await handle(JSON.parse(String(value)) as EventEnvelope, key);
        await control.heartbeat();
      }
      await control.settle(nextOffset);
    },
    onJoin: () => process.send?.('joined'),
    onCrash: (error) => {
      process.stderr.write(`${group}: ${error.stack}\n`);
      process.exit(1);
    },
  });
  await consumer.start();
}
