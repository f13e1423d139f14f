import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { provision, type RoomUrls } from '@kizuna/database';
import type { Stack } from '../stack/index.js';
import type { Secrets } from './secrets.js';

export const ROOMS = ['gateway', 'campaigns', 'points-ledger'] as const;
export type RoomName = (typeof ROOMS)[number];

export interface Installation {
  /** Folder that holds apps/ and libs/: the repository, or a copy of its build. */
  readonly root: string;
  readonly stack: Stack;
  readonly secrets: Secrets;
  readonly topicPrefix: string;
  readonly databaseSuffix: string;
  /** One port per instance of a room. */
  readonly ports: Readonly<Record<RoomName, readonly number[]>>;
  /** Those of the operators' doors. */
  readonly internalPorts: Readonly<Record<RoomName, readonly number[]>>;
  /** Variables for all instances of a room, beside those that each needs. */
  readonly environments: Environments;
}

export type Environments = Readonly<Partial<Record<RoomName, Readonly<Record<string, string>>>>>;

/** Instances are counted from 1. */
export const urlOf = ({ ports }: Installation, room: RoomName, instance = 1): string =>
  `http://127.0.0.1:${ports[room][instance - 1]}`;

export const internalUrlOf = ({ internalPorts }: Installation, room: RoomName, instance = 1): string =>
  `http://127.0.0.1:${internalPorts[room][instance - 1]}`;

/** Name of an instance in records, logs and reports; the first one bears the room's own. */
export const instanceName = (room: RoomName, instance: number): string =>
  instance === 1 ? room : `${room}-${instance}`;

export async function provisionRoom(
  { stack, secrets, databaseSuffix }: Installation,
  room: RoomName,
): Promise<RoomUrls> {
  const { ownerPassword, runtimePassword } = secrets;
  const database = `kizuna_${room.replaceAll('-', '_')}${databaseSuffix}`;
  return provision({ adminUrl: stack.postgres.adminUrl, database, room, ownerPassword, runtimePassword });
}

/**
 * The large bodies that the gateway passes on lie outside the heap of V8, which collects everything to be rid of them when
 * its young generation is not full by then. With a small one they go with a cheap collection; why, see libs/service/README.md.
 */
const GATEWAY_NODE_OPTIONS = '--max-semi-space-size=8';

/**
 * The environment of a room's process: what it needs, and nothing of ours that it does not. Each instance asks those of
 * its own number, so that a fault in one of them leaves a whole way through.
 */
export function environmentOf(
  installation: Installation,
  room: RoomName,
  { runtimeUrl }: RoomUrls,
  instance = 1,
): NodeJS.ProcessEnv {
  const { stack, secrets, topicPrefix, ports, internalPorts, environments } = installation;
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_ENV: 'production',
    ...(room === 'gateway' ? { NODE_OPTIONS: GATEWAY_NODE_OPTIONS } : {}),
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    PORT: String(ports[room][instance - 1]),
    INTERNAL_PORT: String(internalPorts[room][instance - 1]),
    DATABASE_URL: runtimeUrl,
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    OPERATOR_SECRET: secrets.operatorSecret,
    ...(room === 'gateway'
      ? {
          CAMPAIGNS_URL: urlOf(installation, 'campaigns', instance),
          POINTS_LEDGER_URL: urlOf(installation, 'points-ledger', instance),
          SIGNING_KEY_FILE: secrets.signingKeyFile,
        }
      : { JWKS_URL: `${urlOf(installation, 'gateway', instance)}/.well-known/jwks.json` }),
    ...environments[room],
  };
}

/** Runs a room's migrations as its owner; the running service never holds that URL. */
export async function migrateRoom(
  installation: Installation,
  room: RoomName,
  { ownerUrl }: RoomUrls,
): Promise<string> {
  const { stack, topicPrefix, root } = installation;
  const { code, stdout, stderr } = await runProgram(join(root, 'apps', room, 'dist', 'migrate.js'), {
    PATH: process.env['PATH'],
    MIGRATION_DATABASE_URL: ownerUrl,
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
  });
  if (code !== 0) throw new Error(`the migrations of ${room} failed: ${stderr.trim()}`);
  return stdout.trim();
}

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of our programs to its end, with `input` on its standard input. */
export async function runProgram(
  file: string,
  environment: NodeJS.ProcessEnv,
  input = '',
  argv: readonly string[] = [],
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...argv], { env: environment, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
