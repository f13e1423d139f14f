import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventEnvelope } from '@kizuna/contracts';
import { createTopics, startRoom, uniqueName, type TestRoom, type TestTopics } from '@kizuna/testing';
import { gateway } from '../gateway.module.js';
import { migrations } from '../migrations/index.js';
import { readNewProgram } from '../operator/new-program.js';
import { openProgram, type OpenedProgram } from '../operator/open-program.js';

export interface PublishedEvent {
  readonly partition: number;
  readonly key: string | undefined;
  readonly event: EventEnvelope;
}

export interface CallOptions {
  /** POST with a body, else GET, unless said otherwise. */
  readonly method?: string;
  /** Sent as JSON; `text` is sent as it is. */
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

export interface TestGateway {
  readonly room: TestRoom;
  readonly topics: TestTopics;
  readonly topicPrefix: string;
  /** A program of its own with a key, made as the operator command makes it, by the runtime role. */
  program(document?: Readonly<Record<string, unknown>>): Promise<OpenedProgram>;
  call(key: string | undefined, path: string, options?: CallOptions): Promise<Answer>;
  /** What a topic holds of a program. */
  published(topic: string, programId: string): Promise<PublishedEvent[]>;
  stop(): Promise<void>;
}

/** A gateway on a database and topics of its own, or on those of another one; nothing is mocked. */
export async function startTestGateway(
  environment: Readonly<Record<string, string>> = {},
  beside?: TestGateway,
): Promise<TestGateway> {
  const topics = beside?.topics ?? (await createTopics('gateway'));
  const room = await startRoom(gateway, {
    migrations,
    topics,
    ...(beside ? { shared: beside.room.urls } : {}),
    environment: {
      LOG_LEVEL: 'silent',
      // Where nothing listens.
      CAMPAIGNS_URL: 'http://127.0.0.1:1',
      POINTS_LEDGER_URL: 'http://127.0.0.1:1',
      SIGNING_KEY_FILE: signingKeyFile(),
      ...environment,
    },
  });
  return {
    room,
    topics,
    topicPrefix: topics.prefix,
    program: (document) => openTestProgram(room, document),
    call: (key, path, options) => call(room.url + path, key, options),
    published: async (topic, programId) => {
      const messages = await topics.read(topic);
      return messages
        .map(({ partition, key, value }) => ({
          partition,
          key,
          event: JSON.parse(String(value)) as EventEnvelope,
        }))
        .filter(({ event }) => event.program === programId);
    },
    stop: () => room.stop(),
  };
}

export function signingKeyFile(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const folder = mkdtempSync(join(tmpdir(), 'kizuna-gateway-'));
  const file = join(folder, 'signing-key.pem');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

export function aProgram(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    program_id: uniqueName('shop'),
    name: 'A shop',
    mode: 'live',
    time_zone: 'Asia/Tokyo',
    currency: 'JPY',
    starts_at: '2025-01-01T00:00:00Z',
    ...fields,
  };
}

async function openTestProgram(
  { database }: TestRoom,
  document: Readonly<Record<string, unknown>> = {},
): Promise<OpenedProgram> {
  const program = readNewProgram(aProgram(document));
  if (!program.accepted) throw new Error(program.rejection.sentences.join('; '));
  const opened = await openProgram(database, program.value);
  if (!opened.accepted) throw new Error(opened.rejection.sentence);
  return opened.value;
}

async function call(url: string, key: string | undefined, options: CallOptions = {}): Promise<Answer> {
  const { body, contentType = 'application/json', headers } = options;
  const text = options.text ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method: options.method ?? (text === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(text === undefined ? {} : { 'content-type': contentType }),
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
