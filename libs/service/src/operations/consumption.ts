import { Logger } from '@nestjs/common';
import type { Database } from '@kizuna/database';
import {
  KafkaChunksStrategy,
  withPrefix,
  type Admin,
  type KafkaClient,
  type LagWatch,
  type Relay,
} from '@kizuna/messaging';
import type { RoomConfig } from '../config.js';
import type { RoomMetrics } from './room-metrics.js';

const LOUD_AFTER = 3;

export interface ConsumptionParts {
  readonly config: RoomConfig;
  readonly database: Database;
  readonly client: KafkaClient;
  readonly admin: Admin;
  readonly relay: Relay;
  readonly metrics: RoomMetrics;
  readonly lags: LagWatch;
  readonly owner: string;
}

/** Wires the consuming side of a room to its logs, its metrics and the life of its process. */
export function consumption({
  config,
  database,
  client,
  admin,
  relay,
  metrics,
  lags,
  owner,
}: ConsumptionParts): KafkaChunksStrategy {
  const logger = new Logger('messaging');
  const topicName = withPrefix(config.topicPrefix);
  // An "up but idle" process is worse than none: whoever supervises it starts a new one.
  const exit = (error: unknown, sentence: string): void => {
    logger.fatal({ err: error }, `${sentence}, exiting`);
    process.exit(1);
  };
  const strategy = new KafkaChunksStrategy({
    client,
    admin,
    database,
    owner,
    source: `/${config.room}`,
    topicName,
    groupName: topicName,
    onCommitted: (handled) => {
      metrics.onChunk(handled);
      if (handled.parked > 0) logger.error({ ...handled }, 'events were parked');
      relay.wake();
    },
    onJoin: () => metrics.onJoin(),
    onAlarm: (alarm) => {
      metrics.onAlarm(alarm.kind);
      logger.fatal({ ...alarm }, `${alarm.kind} in ${alarm.topic}, lane ${alarm.lane}`);
    },
    onFailure: ({ topic, lane, error, attempt, retryInMs }) => {
      metrics.onFailure(topic);
      const level = attempt > LOUD_AFTER ? 'error' : 'warn';
      logger[level]({ err: error, topic, lane, attempt, retryInMs }, 'a chunk failed, trying again');
    },
    onSystemic: (error) => exit(error, 'nothing can be handled until the installation is changed'),
    onCrash: (error) => exit(error, 'the consumer is gone'),
  });
  metrics.watch(database, strategy, lags);
  return strategy;
}
