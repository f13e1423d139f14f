import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimDirectory } from '../stack/directory-claim.js';
import type { Stack } from '../stack/index.js';
import { freePorts, isPortFree } from '../stack/ports.js';
import {
  environmentOf,
  instanceName,
  type Environments,
  internalUrlOf,
  migrateRoom,
  provisionRoom,
  ROOMS,
  urlOf,
  type Installation,
  type RoomName,
} from './rooms.js';
import { localSecrets, writePrivate } from './secrets.js';
import { ServiceProcess, type ServiceEnd } from './service-process.js';
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
  /** How many processes of each room run side by side; one unless said. */
  readonly instances?: number;
  readonly environments?: Environments;
  report(line: string): void;
  /** An instance ended without being stopped, and is about to be started again. */
  ended?(instance: LocalInstance, end: ServiceEnd): void;
}

export interface LocalInstance {
  readonly room: RoomName;
  /** From 1. */
  readonly instance: number;
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

/** The three services of this machine, each instance a process of its own, supervised. */
export interface LocalRun {
  /** Of the first instances. */
  readonly urls: Readonly<Record<RoomName, string>>;
  /** The operators' doors of the first instances. */
  readonly internalUrls: Readonly<Record<RoomName, string>>;
  /** The front doors, one per instance. */
  readonly gatewayUrls: readonly string[];
  readonly brokers: readonly string[];
  /** Runtime URL of the gateway's database: what the operator's commands work on. */
  readonly gatewayDatabaseUrl: string;
  readonly root: string;
  topicName(topic: string): string;
  progress(room: RoomName): Promise<Progress>;
  instances(): readonly (LocalInstance & { readonly url: string; readonly pid: number | undefined })[];
  /** @returns whether a process was there to get it */
  signal(room: RoomName, instance: number, signal: NodeJS.Signals): boolean;
  /** Signals the first instance of a room. */
  kill(room: RoomName, signal: NodeJS.Signals): boolean;
  restarts(): number;
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the operator's commands find what runs on this machine. */
export function localRunPath(directory: string): string {
  return join(directory, 'local.json');
}

/** @throws a sentence when another live run has this directory, or a service does not get ready */
export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  // Servers may come from the environment, where nobody else guards the directory: without a claim a second run would take
  // the first one's services for orphans.
  const claim = claimDirectory(join(options.directory, 'services'));
  try {
    return await startServices(options, () => claim.release());
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function startServices(options: LocalOptions, release: () => void): Promise<LocalRun> {
  const { directory, stack, root, report, topicPrefix = '', databaseSuffix = '', instances = 1 } = options;
  const { environments = {} } = options;
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
    environments,
    ...(await choosePorts(records, instances)),
  };
  const prepared = await Promise.all(
    ROOMS.map(async (room) => {
      const urls = await provisionRoom(installation, room);
      report(await migrateRoom(installation, room, urls));
      return { room, urls };
    }),
  );
  const services = prepared.flatMap(({ room, urls }) =>
    installation.ports[room].map((port, index): LocalInstance & { readonly service: ServiceProcess } => {
      const instance = index + 1;
      const name = instanceName(room, instance);
      const service = new ServiceProcess({
        name,
        file: join(root, 'apps', room, 'dist', 'main.js'),
        url: urlOf(installation, room, instance),
        environment: environmentOf(installation, room, urls, instance),
        logFile: join(logs, `${name}.log`),
        report,
        record: (process) =>
          records.set(name, { process, port, internalPort: installation.internalPorts[room][index] }),
        ended: (end) => options.ended?.({ room, instance }, end),
      });
      return { room, instance, service };
    }),
  );
  for (const { service } of services) service.start();
  const ready = async (): Promise<void> => {
    await Promise.all(services.map(({ service }) => service.ready()));
  };
  const stop = async (): Promise<void> => {
    await Promise.all(services.map(({ service }) => service.stop()));
    release();
  };
  const signal: LocalRun['signal'] = (room, instance, name) =>
    services.find((one) => one.room === room && one.instance === instance)?.service.kill(name) ?? false;
  const urlsOf = (room: RoomName): string[] =>
    installation.ports[room].map((_, index) => urlOf(installation, room, index + 1));
  await ready().catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const internalUrlsOf = (room: RoomName): string[] =>
    installation.internalPorts[room].map((_, index) => internalUrlOf(installation, room, index + 1));
  const urls = Object.fromEntries(ROOMS.map((room) => [room, urlOf(installation, room)])) as LocalRun['urls'];
  const gatewayDatabaseUrl = prepared.find(({ room }) => room === 'gateway')?.urls.runtimeUrl ?? '';
  const internalUrls = Object.fromEntries(ROOMS.map((room) => [room, internalUrlsOf(room)]));
  writePrivate(
    localRunPath(directory),
    `${JSON.stringify({ urls, internalUrls, gatewayDatabaseUrl, brokers: stack.kafka.brokers, topicPrefix }, null, 2)}\n`,
  );
  return {
    urls,
    internalUrls: Object.fromEntries(
      ROOMS.map((room) => [room, internalUrlOf(installation, room)]),
    ) as LocalRun['internalUrls'],
    gatewayUrls: urlsOf('gateway'),
    root,
    brokers: stack.kafka.brokers,
    gatewayDatabaseUrl,
    topicName: (topic) => (topicPrefix ? `${topicPrefix}.${topic}` : topic),
    progress: async (room) => readProgress(internalUrlsOf(room), secrets.operatorSecret),
    instances: () =>
      services.map(({ room, instance, service }) => ({
        room,
        instance,
        url: urlOf(installation, room, instance),
        pid: service.pid,
      })),
    signal,
    kill: (room, name) => signal(room, 1, name),
    restarts: () => services.reduce((sum, { service }) => sum + service.restartCount, 0),
    ready,
    stop,
  };
}

type Ports = Pick<Installation, 'ports' | 'internalPorts'>;

/** The ports of the last run where they are free: printed URLs stay good. */
async function choosePorts(records: ServiceRecords, instances: number): Promise<Ports> {
  const numbers = Array.from({ length: instances }, (_, index) => index + 1);
  const fresh = [...(await freePorts(ROOMS.length * instances * 2))];
  const keptOrFresh = async (known: number | undefined): Promise<number> => {
    const spare = fresh.shift() ?? 0;
    return known !== undefined && (await isPortFree(known)) ? known : spare;
  };
  const chosen = async (kept: (name: string) => number | undefined): Promise<Ports['ports']> => {
    const rooms = ROOMS.map(async (room) => {
      const ports = numbers.map((number) => keptOrFresh(kept(instanceName(room, number))));
      return [room, await Promise.all(ports)] as const;
    });
    return Object.fromEntries(await Promise.all(rooms)) as unknown as Ports['ports'];
  };
  return {
    ports: await chosen((name) => records.get(name)?.port),
    internalPorts: await chosen((name) => records.get(name)?.internalPort),
  };
}

/** Every instance reads the same database, so the first one that answers speaks for all. */
async function readProgress(urls: readonly string[], operatorSecret: string): Promise<Progress> {
  let failure: unknown;
  for (const url of urls) {
    try {
      return await readProgressAt(url, operatorSecret);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function readProgressAt(url: string, operatorSecret: string): Promise<Progress> {
  const response = await fetch(`${url}/internal/progress`, {
    headers: { authorization: `Bearer ${operatorSecret}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 200) throw new Error(`${url}/internal/progress answers ${response.status}`);
  return (await response.json()) as Progress;
}
