import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { invariant } from '@kizuna/kernel';
import type { Database } from '@kizuna/database';
import { LANES, topics, type Topic, type TopicSettings } from '@kizuna/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import { ChunkContext, type Chunk } from './chunk.js';
import { KAFKA_CHUNKS, type ConsumeOptions } from './consume.js';
import { TryAgain } from './failures.js';
import { LaneConsumer, type LaneFailure } from './lane-consumer.js';
import type { HandledChunk, TopicHandler } from './topic-handler.js';
import type { TopicAlarm } from './lane-taking.js';
import type { OutgoingEvent } from './outbox.js';
import type { Admin, Consumer, KafkaClient } from './port.js';

export interface KafkaChunksOptions {
  readonly client: KafkaClient;
  readonly admin: Admin;
  readonly database: Database;
  readonly owner: string;
  readonly source: string;
  topicName(topic: string): string;
  groupName(group: string): string;
  onCommitted(handled: HandledChunk): void;
  onFailure(failure: LaneFailure): void;
  /** The consumer group has a new generation. */
  onJoin(): void;
  onAlarm(alarm: TopicAlarm): void;
  onSystemic(error: unknown): void;
  /** The consumer is gone for good: the process must not go on looking alive. */
  onCrash(error: Error): void;
}

/** Nest transport that hands `@ConsumeChunks` methods whole chunks, each inside its transaction. */
export class KafkaChunksStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_CHUNKS;
  private readonly handlers = new Map<string, TopicHandler>();
  private readonly consumers: Consumer[] = [];

  constructor(private readonly options: KafkaChunksOptions) {
    super();
  }

  /** Does not call super, which would chain a second handler of the same topic behind the first. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEvent = false,
    extras: object = {},
  ): void {
    const topic = pattern as Topic;
    const { group, events, inbox = false } = extras as ConsumeOptions;
    invariant(isEvent && group, `${topic} is consumed with @ConsumeChunks`);
    const physical = this.options.topicName(topic);
    if (this.handlers.has(physical)) throw new Error(`two handlers for topic ${topic} in group ${group}`);
    this.handlers.set(physical, {
      group,
      topic,
      inbox,
      isCompacted: (topics[topic] as TopicSettings).compacted === true,
      contracts: new Map(events.map((contract) => [contract.type, contract])),
      handle: async (chunk: Chunk, tx) => {
        const answer: unknown = await callback(chunk, new ChunkContext([tx]));
        const result: unknown = isObservable(answer)
          ? await lastValueFrom(answer, { defaultValue: [] })
          : answer;
        return (result ?? []) as readonly OutgoingEvent[];
      },
    });
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.checkTopics();
      const lanes = this.laneConsumer();
      for (const [group, topics] of this.topicsByGroup()) {
        const consumer = this.options.client.consumer({
          groupId: this.options.groupName(group),
          topics,
          eachBatch: (batch, control) => lanes.consume(batch, control),
          onJoin: () => {
            lanes.forgetLanes();
            this.options.onJoin();
          },
          onCrash: this.options.onCrash,
        });
        this.consumers.push(consumer);
        await consumer.start();
      }
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.splice(0).map((consumer) => consumer.stop()));
  }

  /** The handler of a topic by its logical name. */
  handlerOf(topic: string): TopicHandler | undefined {
    return this.handlers.get(this.options.topicName(topic));
  }

  /** Since the slowest consumer was last answered when it asked for messages. */
  sinceLastFetchMs(): number {
    return Math.max(0, ...this.consumers.map((consumer) => consumer.sinceLastFetchMs()));
  }

  pausedPartitions(): number {
    return this.consumers.reduce((sum, consumer) => sum + consumer.pausedPartitions(), 0);
  }

  /** Topics handled here, by logical name. */
  topics(): string[] {
    return [...this.handlers.values()].map(({ topic }) => topic);
  }

  /** Those of them whose events are claimed in the inbox. */
  inboxTopics(): string[] {
    return [...this.handlers.values()].filter(({ inbox }) => inbox).map(({ topic }) => topic);
  }

  override on(): never {
    throw new Error('this transport emits no events');
  }

  override unwrap<T>(): T {
    return this.consumers as T;
  }

  private laneConsumer(): LaneConsumer {
    const { admin } = this.options;
    return new LaneConsumer({
      ...this.options,
      handlers: this.handlers,
      watermarks: async (topic, lane) => {
        const marks = await admin.watermarks(topic).catch((error: unknown) => {
          throw new TryAgain(`the offsets of ${topic} cannot be read: ${String(error)}`);
        });
        const mark = marks.find(({ partition }) => partition === lane);
        if (!mark) throw new TryAgain(`${topic} has no partition ${lane}`);
        return mark;
      },
    });
  }

  /** The client would retry a missing topic for many seconds and say little. */
  private async checkTopics(): Promise<void> {
    const names = [...this.handlers.keys()];
    if (names.length === 0) return;
    const known = await this.options.admin.partitionCounts(names);
    const missing = names.filter((name) => !known.has(name));
    if (missing.length > 0)
      throw new Error(`topics are missing, run the migrations first: ${missing.join(', ')}`);
    // With another number a key would have another lane than the rest of the system takes it to have.
    const odd = names.filter((name) => known.get(name) !== LANES);
    if (odd.length > 0)
      throw new Error(`topics must have ${LANES} partitions, or keys lose their order: ${odd.join(', ')}`);
  }

  private topicsByGroup(): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const [topic, { group }] of this.handlers) groups.set(group, [...(groups.get(group) ?? []), topic]);
    return groups;
  }
}
