import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../stack/index.js';
import { freePorts, isPortFree } from '../stack/ports.js';
import {
  environmentOf,
  migrateRoom,
  provisionRoom,
  ROOMS,
  urlOf,
  type Installation,
  type RoomName,
} from './rooms.js';
import { localSecrets, writePrivate } from './secrets.js';
import { ServiceProcess } from './service-process.js';
import { ServiceRecords } from './service-records.js';

export interface LocalOptions {
  /** Where secrets, logs and records lie. */
  readonly directory: string;
  readonly stack: Stack;
  /** Folder that holds apps/ and libs/; the repository unless a copy of its build is to be run. */
  readonly root: string;
  /** Keeps several installations on one broker apart. */
  readonly topicPrefix?: string;
  readonly databaseSuffix?: string;
  report(line: string): void;
}

export interface Progress {
  readonly positions: readonly {
    readonly topic: string;
    readonly lane: number;
    readonly next_offset: number;
  }[];
  readonly relay: readonly {
    readonly lane: number;
    readonly cursor: number;
    readonly last_outbox_id: number;
  }[];
}

/** The three services of this machine, each a process of its own, supervised. */
export interface LocalRun {
  readonly urls: Readonly<Record<RoomName, string>>;
  readonly brokers: readonly string[];
  /** Runtime URL of the gateway's database: what the operator's commands work on. */
  readonly gatewayDatabaseUrl: string;
  readonly root: string;
  topicName(topic: string): string;
  progress(room: RoomName): Promise<Progress>;
  kill(room: RoomName, signal: NodeJS.Signals): void;
  restarts(): number;
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the operator's commands find what runs on this machine. */
export function localRunPath(directory: string): string {
  return join(directory, 'local.json');
}

export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  const { directory, stack, root, report, topicPrefix = '', databaseSuffix = '' } = options;
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const secrets = localSecrets(directory);
  const records = new ServiceRecords(directory);
  await records.stopOrphans(report);

  const installation: Installation = {
    root,
    stack,
    secrets,
    topicPrefix,
    databaseSuffix,
    ports: await choosePorts(records),
  };
  const prepared = await Promise.all(
    ROOMS.map(async (room) => {
      const urls = await provisionRoom(installation, room);
      report(await migrateRoom(installation, room, urls));
      return { room, urls };
    }),
  );
  const services = new Map(
    prepared.map(({ room, urls }) => [
      room,
      new ServiceProcess({
        name: room,
        file: join(root, 'apps', room, 'dist', 'main.js'),
        url: urlOf(installation, room),
        environment: environmentOf(installation, room, urls),
        logFile: join(logs, `${room}.log`),
        report,
        record: (process) => records.set(room, { process, port: installation.ports[room] }),
      }),
    ]),
  );
  for (const service of services.values()) service.start();
  const ready = async (): Promise<void> => {
    await Promise.all([...services.values()].map((service) => service.ready()));
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...services.values()].map((service) => service.stop()));
  };
  await ready().catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const urls = Object.fromEntries(ROOMS.map((room) => [room, urlOf(installation, room)])) as LocalRun['urls'];
  const gatewayDatabaseUrl = prepared.find(({ room }) => room === 'gateway')?.urls.runtimeUrl ?? '';
  writePrivate(localRunPath(directory), `${JSON.stringify({ urls, gatewayDatabaseUrl }, null, 2)}\n`);
  return {
    urls,
    root,
    brokers: stack.kafka.brokers,
    gatewayDatabaseUrl,
    topicName: (topic) => (topicPrefix ? `${topicPrefix}.${topic}` : topic),
    progress: async (room) => readProgress(urls[room], secrets.operatorSecret),
    kill: (room, signal) => services.get(room)?.kill(signal),
    restarts: () => [...services.values()].reduce((sum, { restartCount }) => sum + restartCount, 0),
    ready,
    stop,
  };
}

/** The ports of the last run where they are free: printed URLs stay good. */
async function choosePorts(records: ServiceRecords): Promise<Record<RoomName, number>> {
  const fresh = await freePorts(ROOMS.length);
  const chosen = await Promise.all(
    ROOMS.map(async (room, index) => {
      const known = records.port(room);
      return [room, known !== undefined && (await isPortFree(known)) ? known : (fresh[index] ?? 0)] as const;
    }),
  );
  return Object.fromEntries(chosen) as Record<RoomName, number>;
}

async function readProgress(url: string, operatorSecret: string): Promise<Progress> {
  const response = await fetch(`${url}/internal/progress`, {
    headers: { authorization: `Bearer ${operatorSecret}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 200) throw new Error(`${url}/internal/progress answers ${response.status}`);
  return (await response.json()) as Progress;
}
