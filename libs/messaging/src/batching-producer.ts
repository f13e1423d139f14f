import { laneOf } from './lane.js';
import type { OutgoingMessage, Producer } from './port.js';

export interface KeyedMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
}

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly size: number;
  resolve(): void;
  reject(error: unknown): void;
}

const MAX_MESSAGES_PER_SEND = 2_000;
/** In characters of the values: what a slow line carries within the deadline of a send. */
const MAX_SIZE_PER_SEND = 1_000_000;
const MAX_WAITING_MESSAGES = 20_000;

/** Too much is waiting for the broker already; nothing was taken. */
export class ProducerOverloaded extends Error {
  override readonly name = 'ProducerOverloaded';
}

/**
 * Gathers what concurrent callers want to send into one send at a time. A caller is answered when the broker has
 * acknowledged all of its messages.
 */
export class BatchingProducer {
  private readonly waiting: Waiting[] = [];
  private waitingMessages = 0;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly producer: Producer,
    private readonly topicName: (topic: string) => string,
  ) {}

  /** @throws ProducerOverloaded, or what the client throws when the broker did not acknowledge */
  send(messages: readonly KeyedMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (this.waitingMessages > MAX_WAITING_MESSAGES)
      return Promise.reject(new ProducerOverloaded(`${this.waitingMessages} messages wait for the broker`));
    const outgoing = messages.map(({ topic, key, value }) => ({
      topic: this.topicName(topic),
      partition: laneOf(key),
      key,
      value,
    }));
    return new Promise<void>((resolve, reject) => {
      const size = outgoing.reduce((sum, { value }) => sum + value.length, 0);
      this.waiting.push({ messages: outgoing, size, resolve, reject });
      this.waitingMessages += outgoing.length;
      this.sending ??= this.drain();
    });
  }

  async stop(): Promise<void> {
    await this.sending;
    await this.producer.stop();
  }

  private async drain(): Promise<void> {
    // One turn of the event loop lets the requests of this moment gather.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.next();
      try {
        await this.producer.send(batch.flatMap(({ messages }) => messages));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.sending = undefined;
  }

  private next(): Waiting[] {
    let count = 0;
    let total = 0;
    let take = 0;
    for (const { messages, size } of this.waiting) {
      const fits = count + messages.length <= MAX_MESSAGES_PER_SEND && total + size <= MAX_SIZE_PER_SEND;
      if (take > 0 && !fits) break;
      count += messages.length;
      total += size;
      take += 1;
    }
    this.waitingMessages -= count;
    return this.waiting.splice(0, take);
  }
}
