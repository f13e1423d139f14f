import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { seconds, type OwnedFolder, type ServerControl, type StackContext } from './context.js';
import { stopAtExit } from './exit-guard.js';
import { commandLine, isAlive, launch, signal, stopProcess, type Command } from './os-process.js';
import { freePorts, isPortFree } from './ports.js';
import type { ServerName, ServerRecord } from './state-file.js';

/** PostgreSQL ends sessions and writes a checkpoint on SIGINT; on SIGTERM it would wait for its clients. */
export const STOP_SIGNALS = { postgres: 'SIGINT', kafka: 'SIGTERM' } as const satisfies Record<
  ServerName,
  NodeJS.Signals
>;

/** How one server is prepared, started, recognised and stopped. */
export interface ServerPlan {
  readonly name: ServerName;
  readonly title: string;
  readonly logFile: string;
  readonly portCount: number;
  command(ports: readonly number[]): Command;
  /** The command line the running server shows, which is not the command's when a wrapper starts it. */
  shownAs(ports: readonly number[]): readonly string[];
  prepare(ports: readonly number[]): Promise<void>;
  /** `logStart` is where this start begins in the log file; undefined for a server found running. */
  answers(ports: readonly number[], logStart: number | undefined): Promise<boolean>;
  /** A running server that the state file does not know. */
  unrecorded?(): ServerRecord | undefined;
}

export interface RunningServer extends ServerControl {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

const START_WITHIN_MS = 90_000;
const PORTS_FREE_WITHIN_MS = 10_000;
const LOG_BYTES_MAX = 10_000_000;

export async function adoptOrStart(
  plan: ServerPlan,
  context: StackContext,
  folder: OwnedFolder,
): Promise<RunningServer> {
  const recorded = folder.state.get(plan.name);
  const found = recorded !== undefined && isAlive(recorded) ? recorded : plan.unrecorded?.();
  if (found !== undefined) {
    if (await mayAdopt(plan, found)) {
      context.report(
        `${plan.title} still runs on 127.0.0.1:${found.ports[0]} (process ${found.pid}): adopted`,
      );
      return running(plan, context, folder, found);
    }
    context.report(`${plan.title}: stopping process ${found.pid}, left by an earlier run`);
    await stopProcess(found, STOP_SIGNALS[plan.name]);
  }
  return running(plan, context, folder, await start(plan, context, folder, recorded?.ports));
}

async function mayAdopt(plan: ServerPlan, found: ServerRecord): Promise<boolean> {
  if (found.stopping === true || found.ports.length !== plan.portCount) return false;
  // Only the very command that would be started now: after an upgrade the old server is not good enough.
  const shown = commandLine(found.pid).join('\0');
  return shown === plan.shownAs(found.ports).join('\0') && (await plan.answers(found.ports, undefined));
}

async function start(
  plan: ServerPlan,
  context: StackContext,
  folder: OwnedFolder,
  earlier: readonly number[] | undefined,
): Promise<ServerRecord> {
  let ports = await choosePorts(plan.portCount, earlier);
  for (let attempt = 1; ; attempt += 1) {
    await plan.prepare(ports);
    rotate(plan.logFile);
    const startedMs = Date.now();
    const logStart = existsSync(plan.logFile) ? statSync(plan.logFile).size : 0;
    const record: ServerRecord = { ...launch(plan.command(ports), plan.logFile), ports };
    folder.state.set(plan.name, record);
    if (await becomesReady(plan, record, logStart)) {
      context.report(`${plan.title} listens on 127.0.0.1:${ports[0]} after ${seconds(startedMs)}`);
      return record;
    }
    const ended = !isAlive(record);
    if (!ended) await stopProcess(record, STOP_SIGNALS[plan.name]);
    // Between choosing a port and listening on it, someone else may have taken it.
    if (!ended || attempt === 3 || (await allFree(ports))) throw notStarted(plan, ended, logStart);
    ports = await freePorts(plan.portCount);
  }
}

/** Clients know the ports, so no others will do. */
async function startOn(
  ports: readonly number[],
  plan: ServerPlan,
  context: StackContext,
  folder: OwnedFolder,
): Promise<ServerRecord> {
  const deadline = Date.now() + PORTS_FREE_WITHIN_MS;
  while (!(await allFree(ports)) && Date.now() < deadline) await sleep(50);
  const record = await start(plan, context, folder, ports);
  if (record.ports.join() !== ports.join())
    throw new Error(`${plan.title} could not get the ports ${ports.join(' and ')} again.`);
  return record;
}

async function becomesReady(plan: ServerPlan, record: ServerRecord, logStart: number): Promise<boolean> {
  const deadline = Date.now() + START_WITHIN_MS;
  while (isAlive(record) && Date.now() < deadline) {
    if (await plan.answers(record.ports, logStart)) return true;
    await sleep(50);
  }
  return false;
}

function running(
  plan: ServerPlan,
  context: StackContext,
  folder: OwnedFolder,
  first: ServerRecord,
): RunningServer {
  const { ports } = first;
  let record = first;
  const guard = (): (() => void) => {
    const guarded = record;
    return stopAtExit(guarded, STOP_SIGNALS[plan.name], () =>
      folder.state.set(plan.name, { ...guarded, stopping: true }),
    );
  };
  let disarm = guard();
  return {
    ports,
    signal: (name) => signal(record, name),
    restart: async () => {
      disarm();
      record = await startOn(ports, plan, context, folder);
      disarm = guard();
    },
    stop: async () => {
      const startedMs = Date.now();
      const wasAlive = isAlive(record);
      await stopProcess(record, STOP_SIGNALS[plan.name]);
      disarm();
      context.report(
        wasAlive ? `${plan.title} stopped after ${seconds(startedMs)}` : `${plan.title} had ended`,
      );
    },
  };
}

async function choosePorts(
  count: number,
  earlier: readonly number[] | undefined,
): Promise<readonly number[]> {
  return earlier?.length === count && (await allFree(earlier)) ? earlier : freePorts(count);
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  return (await Promise.all(ports.map(isPortFree))).every(Boolean);
}

function rotate(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`);
}

function notStarted(plan: ServerPlan, ended: boolean, logStart: number): Error {
  const log = existsSync(plan.logFile) ? readFileSync(plan.logFile).subarray(logStart).toString('utf8') : '';
  const tail = log.trim().split('\n').slice(-15).join('\n');
  const what = ended ? 'ended while starting' : `did not answer within ${START_WITHIN_MS / 1000} s`;
  return new Error(`${plan.title} ${what}; the end of ${plan.logFile} says:\n${tail}`);
}
