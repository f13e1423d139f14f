import { Database, dayPartition, ensurePartition, type RoomUrls, type Transaction } from '@kizuna/database';
import type { EventContract, EventEnvelope, Topic } from '@kizuna/contracts';
import {
  KafkaChunksStrategy,
  type BatchControl,
  type FetchedBatch,
  lanePositions,
  Relay,
  type Chunk,
  type HandledChunk,
  type KafkaClient,
  type LaneFailure,
  type LaneProgress,
  type OutgoingEvent,
  type Producer,
  type TopicAlarm,
} from '@kizuna/messaging';
import { createDatabase, dropDatabase } from '../databases.js';
import { createTopics, type TestTopics } from '../topics.js';
import {
  effectsIn,
  recordEffects,
  ROOM,
  trialMade,
  trialMigrations,
  type Effect,
  type TrialEvent,
} from './trial.js';

const DAY_MS = 86_400_000;

export interface ConsumeSettings {
  readonly owner?: string;
  readonly topic?: Topic;
  readonly events?: readonly EventContract[];
  readonly inbox?: boolean;
  /** Part of the group's name at the broker; the database sees one group. */
  readonly group?: string;
  readonly client?: KafkaClient;
  /** Another way to the same database. */
  readonly database?: Database;
  /** Runs before the effects are written, in their transaction: the place to make trouble. */
  before?(chunk: Chunk<TrialEvent>, tx: Transaction): Promise<void> | void;
  /** Instead of one effect for each event. */
  handle?(chunk: Chunk<TrialEvent>, tx: Transaction): Promise<readonly OutgoingEvent[]>;
}

export interface TrialConsumer {
  readonly strategy: KafkaChunksStrategy;
  readonly committed: HandledChunk[];
  readonly failures: LaneFailure[];
  readonly alarms: TopicAlarm[];
  readonly systemic: unknown[];
  readonly crashes: Error[];
  joins: number;
  stop(): Promise<void>;
}

export interface ParkedRow extends Record<string, unknown> {
  readonly lane: number;
  readonly key: string | null;
  readonly message_offset: string;
  readonly reason: string | null;
}

/** A room under trial: a database and topics of its own, and as many consumers and relays as a test starts. */
export class Stage {
  private readonly open = new Set<{ stop(): Promise<void> }>();
  private readonly databases: Database[] = [];

  private constructor(
    readonly urls: RoomUrls,
    readonly topics: TestTopics,
    readonly database: Database,
  ) {}

  static async create(): Promise<Stage> {
    const [urls, topics] = await Promise.all([
      createDatabase(ROOM, trialMigrations),
      createTopics('gateway', 'campaigns'),
    ]);
    const database = await connect(urls.runtimeUrl);
    for (const table of ['inbox', 'outbox']) {
      for (const day of [-1, 0, 1])
        await ensurePartition(database, table, dayPartition(new Date(Date.now() + day * DAY_MS)));
    }
    return new Stage(urls, topics, database);
  }

  /** A pool of its own, as another process would have; closed with the stage. */
  async connect(url = this.urls.runtimeUrl, applicationName?: string): Promise<Database> {
    const database = await connect(url, applicationName);
    this.databases.push(database);
    return database;
  }

  async consume(settings: ConsumeSettings = {}): Promise<TrialConsumer> {
    const consumer = strategyOf(this, settings);
    addTrialHandler(consumer.strategy, settings);
    await new Promise<void>((resolve, reject) => {
      void consumer.strategy.listen((error) => (error ? reject(error as Error) : resolve()));
    });
    return this.opened(consumer);
  }

  relay(settings: { owner?: string; producer?: Producer; database?: Database } = {}): {
    relay: Relay;
    errors: unknown[];
    stop(): Promise<void>;
  } {
    const errors: unknown[] = [];
    const relay = new Relay({
      database: settings.database ?? this.database,
      producer: settings.producer ?? this.topics.client.producer(),
      owner: settings.owner ?? 'relay',
      topicName: this.topics.name,
      onError: (error) => void errors.push(error),
    });
    relay.start();
    let stopped: Promise<void> | undefined;
    return this.opened({ relay, errors, stop: () => (stopped ??= relay.stop()) });
  }

  produce(
    messages: readonly { readonly key: string; readonly value: string }[],
    topic: Topic = 'purchase-events',
  ) {
    return this.topics.produce(topic, messages);
  }

  effects(): Promise<Effect[]> {
    return effectsIn(this.database);
  }

  /** The numbers of a member's effects, in their order. */
  async numbersOf(member: string): Promise<number[]> {
    const effects = await this.effects();
    return effects.filter(({ key }) => key.endsWith(`:${member}`)).map(({ n }) => n);
  }

  parked(): Promise<ParkedRow[]> {
    return this.database.query<ParkedRow>(
      'SELECT lane, key, message_offset, reason FROM parked_event ORDER BY id',
    );
  }

  /** Lets every parked key go, with its events left where they are. */
  async free(): Promise<void> {
    await this.database.query('DELETE FROM parked_key');
  }

  async position(lane: number, topic: Topic = 'purchase-events'): Promise<LaneProgress | undefined> {
    const positions = await lanePositions(this.database);
    return positions.find((position) => position.lane === lane && position.topic === topic);
  }

  /** What was published, by relay or otherwise. */
  published(): Promise<EventEnvelope[]> {
    return this.topics.events('award-events');
  }

  /** Stops what a test left running; every test starts from an empty room. */
  async rest(): Promise<void> {
    await Promise.all([...this.open].map((running) => running.stop()));
    this.open.clear();
  }

  async close(): Promise<void> {
    await this.rest();
    await Promise.all([this.database, ...this.databases].map((database) => database.close()));
    await dropDatabase(this.urls);
  }

  private opened<Running extends { stop(): Promise<void> }>(running: Running): Running {
    this.open.add(running);
    return running;
  }
}

function connect(url: string, applicationName = 'kizuna-conformance'): Promise<Database> {
  return Database.connect({ url, schema: ROOM, applicationName, poolSize: 8 });
}

/** A strategy that has no handler yet. */
export function strategyOf(stage: Stage, settings: ConsumeSettings = {}): TrialConsumer {
  const { client, name } = stage.topics;
  const { owner = 'owner', group = '' } = settings;
  const seen = {
    committed: [] as HandledChunk[],
    failures: [] as LaneFailure[],
    alarms: [] as TopicAlarm[],
    systemic: [] as unknown[],
    crashes: [] as Error[],
  };
  const admin = client.admin();
  const strategy = new KafkaChunksStrategy({
    client: settings.client ?? client,
    admin,
    database: settings.database ?? stage.database,
    owner,
    source: `/${ROOM}`,
    topicName: name,
    groupName: (word) => name(word + group),
    onJoin: () => void (consumer.joins += 1),
    onCommitted: (chunk) => void seen.committed.push(chunk),
    onFailure: (failure) => void seen.failures.push(failure),
    onAlarm: (alarm) => void seen.alarms.push(alarm),
    onSystemic: (error) => void seen.systemic.push(error),
    onCrash: (error) => void seen.crashes.push(error),
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await strategy.close();
    await admin.stop();
  };
  const consumer = { strategy, ...seen, joins: 0, stop: () => (stopped ??= stop()) };
  return consumer;
}

function addTrialHandler(strategy: KafkaChunksStrategy, settings: ConsumeSettings): void {
  const { owner = 'owner', topic = 'purchase-events', events = [trialMade], inbox = true } = settings;
  const handler = async (chunk: Chunk<TrialEvent>, { tx }: { tx: Transaction }) => {
    await settings.before?.(chunk, tx);
    return settings.handle ? settings.handle(chunk, tx) : recordEffects(chunk, tx, owner);
  };
  strategy.addHandler(topic, handler as never, true, { group: ROOM, events, inbox });
}

/** A pair of hands on a door: those who come wait until it is opened. */
export interface Door {
  readonly reached: Promise<void>;
  open(): void;
  pass(): Promise<void>;
}

export function door(): Door {
  let arrive: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    reached,
    open,
    pass: () => {
      arrive();
      return opened;
    },
  };
}

type Pass = (batch: FetchedBatch, control: BatchControl) => Promise<void>;

/** The real client, with something between it and the lanes. */
export function between(
  client: KafkaClient,
  gate: (batch: FetchedBatch, control: BatchControl, pass: Pass, rejoin: () => void) => Promise<void>,
): KafkaClient {
  return {
    ...client,
    consumer: (options) =>
      client.consumer({
        ...options,
        eachBatch: (batch, control) => gate(batch, control, options.eachBatch, () => options.onJoin()),
      }),
  };
}
