/**
 * What this system needs of a Kafka client, and no more. Only `kafkajs/` knows the client behind it.
 * Offsets are numbers: 2^53 records are beyond what a partition will ever hold.
 */
export interface FetchedMessage {
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer | undefined;
}

export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for: the lane's next one, or something is wrong. */
  readonly fetchedOffset: number;
  /** One past the last offset that this batch covers; compacted topics have gaps. */
  readonly nextOffset: number;
  readonly messages: readonly FetchedMessage[];
}

/** What a batch handler may do with the consumer while it works on one batch. */
export interface BatchControl {
  /** False once the group moved on or a seek is under way: end after the current chunk. */
  isCurrent(): boolean;
  heartbeat(): Promise<void>;
  /** Everything below `nextOffset` is settled; the broker is told within a second, or as far as had come when the consumer stops. */
  settle(nextOffset: number): void;
  seek(offset: number): void;
  /** Stops fetching this partition for a while; the others keep flowing. */
  pauseFor(ms: number): void;
}

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  eachBatch(batch: FetchedBatch, control: BatchControl): Promise<void>;
  /** The group has a new generation: whatever was known about partitions is void. */
  onJoin(): void;
  /** The consumer is gone and does not come back by itself. */
  onCrash(error: Error): void;
}

export interface Consumer {
  start(): Promise<void>;
  /** Milliseconds since the broker last answered when it was asked for messages, or something that it gave was handled. */
  sinceLastFetchMs(): number;
  pausedPartitions(): number;
  /** Ends after the current chunk and leaves the group. */
  stop(): Promise<void>;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string;
}

export interface Producer {
  /** Resolves when every message is acknowledged by all in-sync replicas. One send is in flight at a time. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  stop(): Promise<void>;
}

export interface Watermarks {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

export interface GroupOffset {
  readonly partition: number;
  /** The next one to read. */
  readonly offset: number;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface Admin {
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  watermarks(topic: string): Promise<readonly Watermarks[]>;
  /** What a consumer group has committed, by topic; partitions without a commit are left out. */
  groupOffsets(group: string): Promise<ReadonlyMap<string, readonly GroupOffset[]>>;
  stop(): Promise<void>;
}

export interface KafkaClient {
  consumer(options: ConsumerOptions): Consumer;
  producer(): Producer;
  admin(): Admin;
}
