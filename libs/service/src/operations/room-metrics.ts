import type { Database } from '@kizuna/database';
import {
  outboxBacklog,
  parkedCounts,
  type HandledChunk,
  type KafkaChunksStrategy,
  type LagWatch,
} from '@kizuna/messaging';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is to be watched of a room, in Prometheus' words. Figures that need the database are read when they are asked for. */
export class RoomMetrics {
  readonly registry = new Registry();
  private readonly handled = this.counter('kizuna_events_handled_total', 'Events handled', ['topic']);
  private readonly repetitions = this.counter('kizuna_events_repeated_total', 'Duplicates suppressed', [
    'topic',
  ]);
  private readonly skipped = this.counter('kizuna_events_skipped_total', 'Events of a type not asked for', [
    'topic',
  ]);
  private readonly parked = this.counter('kizuna_events_parked_total', 'Events set aside', ['topic']);
  private readonly failures = this.counter(
    'kizuna_chunk_failures_total',
    'Chunks that failed and were tried again',
    ['topic'],
  );
  private readonly alarms = this.counter(
    'kizuna_topic_alarms_total',
    'Topics found anew or with events lost',
    ['kind'],
  );
  private readonly rebalances = this.counter(
    'kizuna_rebalances_total',
    'New generations of the consumer group',
    [],
  );
  private readonly chunkSeconds = new Histogram({
    name: 'kizuna_chunk_seconds',
    help: 'Time of one chunk, transaction included',
    labelNames: ['topic'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  constructor(room: string) {
    this.registry.setDefaultLabels({ room });
    // Includes the delay of the event loop.
    collectDefaultMetrics({ register: this.registry });
  }

  onChunk({ topic, events, repetitions, skipped, parked, ms }: HandledChunk): void {
    this.handled.inc({ topic }, events - repetitions);
    this.repetitions.inc({ topic }, repetitions);
    this.skipped.inc({ topic }, skipped);
    this.parked.inc({ topic }, parked);
    this.chunkSeconds.observe({ topic }, ms / 1_000);
  }

  onFailure(topic: string): void {
    this.failures.inc({ topic });
  }

  onAlarm(kind: string): void {
    this.alarms.inc({ kind });
  }

  onJoin(): void {
    this.rebalances.inc();
  }

  /** Figures that are asked of the database, the broker and the client at each scrape. */
  watch(database: Database, strategy: KafkaChunksStrategy, watch: LagWatch): void {
    this.gauge(
      'kizuna_since_last_fetch_seconds',
      'Since the broker last answered when it was asked for messages, or some of them were handled',
      [],
      (gauge) => gauge.set(strategy.sinceLastFetchMs() / 1_000),
    );
    this.gauge('kizuna_paused_partitions', 'Partitions that wait before a retry', [], (gauge) =>
      gauge.set(strategy.pausedPartitions()),
    );
    this.gauge('kizuna_database_pool_waiting', 'Callers that wait for a connection', [], (gauge) =>
      gauge.set(database.load().waiting),
    );
    this.gauge('kizuna_parked_keys', 'Keys that wait for an operator', [], async (gauge) =>
      gauge.set((await parkedCounts(database)).keys),
    );
    this.gauge('kizuna_outbox_backlog_events', 'Events not published yet', [], async (gauge) =>
      gauge.set((await outboxBacklog(database)).events),
    );
    this.gauge('kizuna_outbox_oldest_seconds', 'Age of the oldest unpublished row', [], async (gauge) =>
      gauge.set((await outboxBacklog(database)).oldestSeconds),
    );
    const lags = (): ReturnType<LagWatch['read']> => watch.read(strategy.topics());
    this.gauge('kizuna_lag_messages', 'Messages not handled yet', ['topic'], async (gauge) => {
      gauge.reset();
      for (const { topic, messages } of await lags()) gauge.inc({ topic }, messages);
    });
    this.gauge(
      'kizuna_lag_seconds',
      'For how long the oldest message was seen waiting',
      ['topic'],
      async (gauge) => {
        const longest = Object.groupBy(await lags(), ({ topic }) => topic);
        for (const [topic, lanes = []] of Object.entries(longest))
          gauge.set({ topic }, Math.max(0, ...lanes.map(({ seconds }) => seconds)));
      },
    );
  }

  /** Also for what one room alone counts; a name is given once. */
  counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** Read at each scrape. A figure that cannot be read now is left out of this one; the others are still told. */
  gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: (gauge: Gauge) => Promise<void> | void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        try {
          await read(this);
        } catch {
          this.reset();
        }
      },
    });
  }
}
