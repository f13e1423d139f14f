import { Partitioners, type Kafka, type Producer as KafkaJsProducer } from 'kafkajs';
import type { OutgoingMessage, Producer } from '../port.js';

const SEND_DEADLINE_MS = 9_000;
const MAX_RECORD_BATCH_BYTES = 1_000_000;
/** Headers, lengths and offsets of one record. */
const RECORD_OVERHEAD_BYTES = 100;
const HEADERS = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

/** The broker did not acknowledge in time. What was sent may or may not be in the topic. */
export class SendDeadlineExceeded extends Error {
  override readonly name = 'SendDeadlineExceeded';
}

/**
 * Idempotent, one send in flight: with several, a broker restart was seen to wedge this client for good with
 * out-of-order sequence numbers. After a missed deadline the client is thrown away, because nothing can be said about its
 * state; a message may then be in the topic twice, which consumers suppress by event id.
 */
export function createProducer(kafka: Kafka): Producer {
  let current: Promise<KafkaJsProducer> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let stopped = false;

  function connected(): Promise<KafkaJsProducer> {
    if (current) return current;
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 12 },
    });
    current = producer.connect().then(
      () => producer,
      (error: unknown) => {
        current = undefined;
        throw error;
      },
    );
    return current;
  }

  async function sendNow(messages: readonly OutgoingMessage[]): Promise<void> {
    const producer = await connected();
    for (const round of rounds(messages))
      await producer.sendBatch({ acks: -1, topicMessages: byTopic(round) });
  }

  async function sendInTime(messages: readonly OutgoingMessage[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, refuse) => {
      timer = setTimeout(
        () => refuse(new SendDeadlineExceeded(`no acknowledgement in ${SEND_DEADLINE_MS} ms`)),
        SEND_DEADLINE_MS,
      );
    });
    try {
      await Promise.race([sendNow(messages), deadline]);
    } catch (error) {
      const broken = current;
      current = undefined;
      void broken?.then((producer) => producer.disconnect()).catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    send(messages) {
      if (stopped) return Promise.reject(new Error('the producer is stopped'));
      const sent = queue.then(() => sendInTime(messages));
      queue = sent.catch(() => undefined);
      return sent;
    },
    async stop() {
      stopped = true;
      await queue;
      const last = current;
      current = undefined;
      await last?.then((producer) => producer.disconnect()).catch(() => undefined);
    },
  };
}

/**
 * The client makes one record batch of all that a send has for a partition, and the broker refuses a batch above 1 MiB
 * however small its messages are. So what a partition gets is spread over as many sends as it needs, in order.
 */
function rounds(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const made: OutgoingMessage[][] = [];
  const open = new Map<string, { round: number; bytes: number }>();
  for (const message of messages) {
    const { topic, partition, key, value } = message;
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value) + RECORD_OVERHEAD_BYTES;
    const lane = `${topic}/${partition}`;
    const last = open.get(lane) ?? { round: 0, bytes: 0 };
    const fits = last.bytes === 0 || last.bytes + bytes <= MAX_RECORD_BATCH_BYTES;
    const next = fits ? { round: last.round, bytes: last.bytes + bytes } : { round: last.round + 1, bytes };
    open.set(lane, next);
    (made[next.round] ??= []).push(message);
  }
  return made;
}

function byTopic(messages: readonly OutgoingMessage[]) {
  const topics = new Map<
    string,
    { key: string; value: string; partition: number; headers: typeof HEADERS }[]
  >();
  for (const { topic, partition, key, value } of messages) {
    const list = topics.get(topic) ?? [];
    list.push({ partition, key, value, headers: HEADERS });
    topics.set(topic, list);
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}
