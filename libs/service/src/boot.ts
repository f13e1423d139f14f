import { setTimeout as sleep } from 'node:timers/promises';
import { Logger as NestLogger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, isDatabaseAway } from '@kizuna/database';
import {
  isBrokerAway,
  KafkaChunksStrategy,
  LagWatch,
  missingOwnTopics,
  Relay,
  withPrefix,
  type Admin,
} from '@kizuna/messaging';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Logger as PinoLogger } from 'nestjs-pino';
import { ConfigError, ConfigReader, readRoomConfig, type RoomConfig } from './config.js';
import { correlationIdOf } from './logging.js';
import { doorOptions, guardDoor } from './door.js';
import { FetchWatch } from './operations/fetch-watch.js';
import { InternalDoor } from './operations/internal-door.js';
import { problemDocument } from './problem.js';
import { maintain } from './operations/maintenance.js';
import { Readiness } from './readiness.js';
import { KAFKA_ADMIN } from './room.tokens.js';

const SHUTDOWN_LIMIT_MS = 25_000;
const IDLE_CHECK_MS = 50;
const BROKER_ANSWERS_WITHIN_MS = 5_000;
/** EX_TEMPFAIL of sysexits.h: what a room needs is away, and starting it again later is all there is to do. */
const EXIT_TRY_LATER = 75;

export interface Room<Config extends RoomConfig> {
  readonly name: string;
  /** Reads what this room needs beyond what every room needs. */
  config(common: RoomConfig, reader: ConfigReader): Config;
  module(config: Config): DynamicModule | Type;
}

export interface RunningRoom {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Where operators and metrics are served. */
  readonly internalUrl: string;
  stop(): Promise<void>;
}

/**
 * Entry of every room's `main.ts`: runs until a signal, exits with one sentence when it cannot start: 75 when the database or
 * the broker is away, else 1.
 */
export async function main<Config extends RoomConfig>(room: Room<Config>): Promise<void> {
  try {
    const { stop } = await start(room, process.env);
    const onSignal = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
      const limit = setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS);
      new NestLogger(room.name).log(`${signal}: stopping`);
      stop().then(
        () => {
          clearTimeout(limit);
          process.exit(0);
        },
        () => process.exit(1),
      );
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  } catch (error) {
    const sentence =
      error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${room.name} cannot start: ${sentence}\n`);
    process.exit(isDatabaseAway(error) || isBrokerAway(error) ? EXIT_TRY_LATER : 1);
  }
}

export async function start<Config extends RoomConfig>(
  room: Room<Config>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningRoom> {
  const reader = new ConfigReader(environment);
  const config = room.config(readRoomConfig(room.name, reader), reader);
  reader.done();

  const adapter = new FastifyAdapter({
    ...doorOptions(config),
    routerOptions: { maxParamLength: 300 },
    // What the router itself refuses, as everything else does.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      const { statusCode = 400, message } = error;
      void reply
        .status(statusCode)
        .header('content-type', 'application/problem+json')
        .send(problemDocument(statusCode, 'malformed_request', { detail: message.split(':')[0] }));
    },
    genReqId: (request: { headers: Record<string, unknown> }) => correlationIdOf(request.headers),
  });
  const app = await NestFactory.create<NestFastifyApplication>(room.module(config) as Type, adapter, {
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
  });
  app.useLogger(app.get(PinoLogger));
  const internal = new InternalDoor(app);
  guardDoor(app);
  const strategy = app.get(KafkaChunksStrategy);
  app.connectMicroservice({ strategy });
  const relay = app.get(Relay);

  await app.init();
  const topicName = withPrefix(config.topicPrefix);
  const admin = app.get<Admin>(KAFKA_ADMIN);
  await checkOwnTopics(admin, room.name, topicName);
  const fetches = new FetchWatch(
    () => strategy.sinceLastFetchMs(),
    () => admin.partitionCounts(strategy.topics().map(topicName)),
  );
  const stopMaintenance = await maintain(
    app.get(Database),
    admin,
    strategy,
    app.get(LagWatch),
    topicName,
    fetches,
    config.fetchTimeoutMs,
  );
  await app.startAllMicroservices();
  relay.start();
  const internalUrl = await internal.open(config.internalHost, config.internalPort);
  await app.listen(config.port, config.host);
  app.get(Readiness).ready(() => fetches.stuckMs());
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  new NestLogger(room.name).log(`listening on ${url}, for operators on ${internalUrl}`);

  const stop = async (): Promise<void> => {
    app.get(Readiness).stop();
    await closeDoor(app);
    await strategy.close();
    stopMaintenance();
    await relay.stop();
    await internal.close();
    await app.close();
  };
  return { app, url, internalUrl, stop };
}

/** A broker that does not answer is no reason to stay away: a room does much without one. */
async function checkOwnTopics(
  admin: Admin,
  room: string,
  topicName: (topic: string) => string,
): Promise<void> {
  const silence = sleep(BROKER_ANSWERS_WITHIN_MS, [], { ref: false });
  const asked = missingOwnTopics(admin, room, topicName).catch((error: unknown) => {
    new NestLogger(room).warn({ err: error }, 'the broker does not tell its topics');
    return [];
  });
  const missing = await Promise.race([asked, silence]);
  if (missing.length > 0)
    throw new Error(`topics are missing, run the migrations first: ${missing.join(', ')}`);
}

/**
 * Stops accepting connections and waits for the requests under way. A client with keep-alive that never rests would keep
 * its connection, and with it the process, alive: from now on every answer closes its connection, and connections that
 * fell idle are closed.
 */
async function closeDoor(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  server.prependListener('request', (_request, response) => void (response.shouldKeepAlive = false));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearInterval(idle);
}
