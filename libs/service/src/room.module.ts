import {
  Global,
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { Database, schemaOf, type DatabaseOptions } from '@kizuna/database';
import { systemClock } from '@kizuna/kernel';
import {
  createKafkaClient,
  KafkaChunksStrategy,
  LagWatch,
  ParkedEvents,
  Relay,
  withPrefix,
  type Admin,
  type KafkaClient,
} from '@kizuna/messaging';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AuthenticationGuard, type Authentication } from './authentication.guard.js';
import type { RoomConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { consumption } from './operations/consumption.js';
import { MetricsController } from './operations/metrics.controller.js';
import { ParkedController } from './operations/parked.controller.js';
import { ProgressController } from './operations/progress.controller.js';
import { RoomMetrics } from './operations/room-metrics.js';
import { Readiness } from './readiness.js';
import {
  AUTHENTICATION,
  CLOCK,
  KAFKA_ADMIN,
  KAFKA_CLIENT,
  PROCESS_NAME,
  ROOM_CONFIG,
} from './room.tokens.js';
import { commandValidation } from './validation.js';

export interface RoomModuleOptions {
  readonly config: RoomConfig;
  readonly entities?: DatabaseOptions['entities'];
}

/** What every room stands on: its database, the broker, the relay of its outbox, health, guards, problem documents. */
@Global()
@Module({})
export class RoomModule implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    @Inject(KAFKA_ADMIN) private readonly admin: Admin,
  ) {}

  /** A room provides `AUTHENTICATION` itself: API keys at the front door, signed tokens behind it. */
  static forRoot({ config, entities }: RoomModuleOptions): DynamicModule {
    return {
      module: RoomModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController, ProgressController, ParkedController],
      providers: [
        Readiness,
        { provide: ROOM_CONFIG, useValue: config },
        { provide: CLOCK, useValue: systemClock },
        {
          provide: PROCESS_NAME,
          useValue: `${config.room}@${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
        },
        { provide: Database, useFactory: () => connect(config, entities) },
        { provide: KAFKA_CLIENT, useFactory: () => kafkaClient(config) },
        { provide: KAFKA_ADMIN, useFactory: (client: KafkaClient) => client.admin(), inject: [KAFKA_CLIENT] },
        {
          provide: Relay,
          useFactory: (database: Database, client: KafkaClient, owner: string) =>
            relay(config, database, client, owner),
          inject: [Database, KAFKA_CLIENT, PROCESS_NAME],
        },
        {
          provide: LagWatch,
          useFactory: (database: Database, admin: Admin) =>
            new LagWatch(database, admin, withPrefix(config.topicPrefix)),
          inject: [Database, KAFKA_ADMIN],
        },
        { provide: RoomMetrics, useFactory: () => new RoomMetrics(config.room) },
        {
          provide: KafkaChunksStrategy,
          useFactory: (
            database: Database,
            client: KafkaClient,
            admin: Admin,
            relayOfRoom: Relay,
            metrics: RoomMetrics,
            lags: LagWatch,
            owner: string,
          ) => consumption({ config, database, client, admin, relay: relayOfRoom, metrics, lags, owner }),
          inject: [Database, KAFKA_CLIENT, KAFKA_ADMIN, Relay, RoomMetrics, LagWatch, PROCESS_NAME],
        },
        {
          provide: ParkedEvents,
          useFactory: (database: Database, strategy: KafkaChunksStrategy) =>
            new ParkedEvents(database, `/${config.room}`, (topic) => strategy.handlerOf(topic)),
          inject: [Database, KafkaChunksStrategy],
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: commandValidation },
        {
          provide: APP_GUARD,
          useFactory: (authentication: Authentication) => new AuthenticationGuard(authentication),
          inject: [AUTHENTICATION],
        },
      ],
      exports: [
        Readiness,
        ROOM_CONFIG,
        CLOCK,
        PROCESS_NAME,
        Database,
        KAFKA_CLIENT,
        KAFKA_ADMIN,
        Relay,
        KafkaChunksStrategy,
      ],
    };
  }

  /** Last of all: whatever else stops may still need the pool. */
  async onApplicationShutdown(): Promise<void> {
    await this.admin.stop().catch(() => undefined);
    await this.database.close();
  }
}

function connect(config: RoomConfig, entities: DatabaseOptions['entities']): Promise<Database> {
  return Database.connect({
    url: config.databaseUrl,
    schema: schemaOf(config.room),
    applicationName: `kizuna-${config.room}`,
    poolSize: config.databasePoolSize,
    ...(entities ? { entities } : {}),
  });
}

function kafkaClient({ kafkaBrokers, room }: RoomConfig): KafkaClient {
  const logger = new Logger('kafka');
  return createKafkaClient({
    brokers: kafkaBrokers,
    clientId: `kizuna-${room}`,
    log: (level, message, detail) => logger[level === 'info' ? 'log' : level]({ ...detail }, message),
  });
}

function relay({ topicPrefix }: RoomConfig, database: Database, client: KafkaClient, owner: string): Relay {
  const logger = new Logger('relay');
  return new Relay({
    database,
    producer: client.producer(),
    owner,
    topicName: withPrefix(topicPrefix),
    onError: (error) => logger.warn({ err: error }, 'publishing the outbox failed, trying again'),
  });
}
