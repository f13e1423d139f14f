import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventEnvelope } from '@kizuna/contracts';
import { Database, migrate, provision, type RoomUrls } from '@kizuna/database';
import { createKafkaClient, createOwnTopics, withPrefix, type KafkaClient } from '@kizuna/messaging';
import { start, type RunningRoom } from '@kizuna/service';
import { gateway } from './gateway.module.js';
import { migrations } from './migrations/index.js';
import { readNewProgram } from './operator/new-program.js';
import { openProgram, type OpenedProgram } from './operator/open-program.js';

export interface PublishedEvent {
  readonly partition: number;
  readonly key: string | undefined;
  readonly event: EventEnvelope;
}

export interface TestGateway {
  readonly urls: RoomUrls;
  readonly topicPrefix: string;
  readonly room: RunningRoom;
  readonly database: Database;
  program(document?: Readonly<Record<string, unknown>>): Promise<OpenedProgram>;
  /** Sends JSON, or the text as it is, with the key. */
  call(key: string | undefined, path: string, options?: CallOptions): Promise<Answer>;
  /** Everything in a topic whose event belongs to the program. */
  published(topic: string, programId: string): Promise<PublishedEvent[]>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run the tests with "npm test"`);
  return value;
}

/** A gateway of its own over a real database and broker: its own database, its own topics. */
export async function startTestGateway(overrides: Readonly<Record<string, string>> = {}): Promise<TestGateway> {
  const unique = randomBytes(4).toString('hex');
  const topicPrefix = `gw-${unique}`;
  const brokers = required('KIZUNA_TEST_KAFKA_BROKERS');
  const urls = await provision({
    adminUrl: required('KIZUNA_TEST_POSTGRES_URL'),
    database: `gateway_${unique}`,
    room: 'gateway',
    ownerPassword: 'owner-of-tests',
    runtimePassword: 'runtime-of-tests',
  });
  await migrate({ url: urls.ownerUrl, schema: 'gateway', migrations });
  const kafka = createKafkaClient({ brokers: brokers.split(','), clientId: 'gateway-tests', log: () => undefined });
  const admin = kafka.admin();
  await createOwnTopics(admin, 'gateway', withPrefix(topicPrefix));

  const room = await start(gateway, {
    PORT: '0',
    DATABASE_URL: urls.runtimeUrl,
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    OPERATOR_SECRET: 'operator-of-the-tests',
    LOG_LEVEL: 'silent',
    CAMPAIGNS_URL: 'http://127.0.0.1:9',
    POINTS_LEDGER_URL: 'http://127.0.0.1:9',
    SIGNING_KEY_FILE: signingKeyFile(),
    ...overrides,
  });
  const database = await Database.connect({ url: urls.ownerUrl, schema: 'gateway', applicationName: 'gateway-tests', poolSize: 2 });

  return {
    urls,
    topicPrefix,
    room,
    database,
    program: (document = {}) => openTestProgram(database, document),
    call: (key, path, options) => call(room.url, key, path, options),
    published: async (topic, programId) => {
      const events = await readTopic(kafka, `${topicPrefix}.${topic}`, await endOf(`${topicPrefix}.${topic}`));
      return events.filter(({ event }) => event.program === programId);
    },
    async stop() {
      await room.stop();
      await database.close();
      await admin.stop();
    },
  };

  async function endOf(topic: string): Promise<Map<number, number>> {
    const watermarks = await admin.watermarks(topic);
    return new Map(watermarks.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]));
  }
}

export function signingKeyFile(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(mkdtempSync(join(tmpdir(), 'kizuna-gateway-')), 'signing-key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

async function openTestProgram(
  database: Database,
  document: Readonly<Record<string, unknown>>,
): Promise<OpenedProgram> {
  const program = readNewProgram({
    program_id: `shop-${randomBytes(4).toString('hex')}`,
    name: 'A shop',
    mode: 'live',
    time_zone: 'Asia/Tokyo',
    currency: 'JPY',
    starts_at: '2025-01-01T00:00:00Z',
    ...document,
  });
  if (!program.accepted) throw new Error(program.rejection.sentences.join('; '));
  const opened = await openProgram(database, program.value);
  if (!opened.accepted) throw new Error(opened.rejection.sentence);
  return opened.value;
}

async function call(url: string, key: string | undefined, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, text = body === undefined ? undefined : JSON.stringify(body), contentType, headers } = options;
  const response = await fetch(url + path, {
    method: text === undefined ? 'GET' : 'POST',
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(text === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      ...headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (answer === '' ? {} : JSON.parse(answer)) as Record<string, unknown>,
  };
}

/** Reads every partition up to where it ended when asked. */
async function readTopic(kafka: KafkaClient, topic: string, ends: Map<number, number>): Promise<PublishedEvent[]> {
  const events: PublishedEvent[] = [];
  if (ends.size === 0) return events;
  await new Promise<void>((resolve, reject) => {
    const consumer = kafka.consumer({
      groupId: `tests-${randomBytes(6).toString('hex')}`,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: reject,
      eachBatch: async ({ partition, messages, nextOffset }, control) => {
        for (const { key, value } of messages)
          events.push({ partition, key, event: JSON.parse(value?.toString('utf8') ?? '') as EventEnvelope });
        await control.settle(nextOffset);
        if (nextOffset >= (ends.get(partition) ?? 0)) ends.delete(partition);
        if (ends.size === 0) void consumer.stop().then(resolve, reject);
      },
    });
    consumer.start().catch(reject);
  });
  return events;
}
