import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, stopProcess, type ProcessIdentity } from '../stack/os-process.js';

const READY_WITHIN_MS = 60_000;
const RESTART_FIRST_MS = 200;
const RESTART_LAST_MS = 5_000;
const STEADY_AFTER_MS = 10_000;
const LOG_LINES_SHOWN = 15;
/** A room may take 25 s to end in order. */
const STOP_WITHIN_MS = 28_000;
/** So many deaths before it was ever ready are no accident. */
const DEATHS_AT_START = 3;

export interface ServiceOptions {
  readonly name: string;
  readonly file: string;
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  report(line: string): void;
  /** The process that runs now, or nothing: kept where a later run finds it. */
  record(identity: ProcessIdentity | undefined): void;
  /** It ended without being stopped by us, and is about to be started again. */
  ended?(end: ServiceEnd): void;
}

export interface ServiceEnd {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One service as a process of its own. It is started again when it dies, until it is stopped. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private identity: ProcessIdentity | undefined;
  private isStopping = false;
  private restartInMs = RESTART_FIRST_MS;
  private restarts = 0;
  private wasReady = false;

  constructor(private readonly options: ServiceOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get restartCount(): number {
    return this.restarts;
  }

  start(): void {
    const { file, environment, logFile, record } = this.options;
    const log = openSync(logFile, 'a', 0o600);
    const startedAt = Date.now();
    // A process group of its own: Ctrl-C in the terminal reaches only us, and we stop the services in order.
    const child = spawn(process.execPath, [file], {
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    record(this.identity);
    child.once('error', () => undefined);
    child.once('exit', (code, signal) => void this.onExit(code, signal, Date.now() - startedAt));
  }

  /** @throws with the last lines of its log when it is not ready in time */
  async ready(): Promise<void> {
    const { name, url } = this.options;
    const until = Date.now() + READY_WITHIN_MS;
    while (Date.now() < until && !this.isStopping) {
      if (await isReady(url)) {
        this.wasReady = true;
        return;
      }
      if (!this.wasReady && this.restarts >= DEATHS_AT_START)
        throw new Error(`${name} ends again and again while it starts; its log ends with:\n${this.logEnd()}`);
      await sleep(50);
    }
    if (!this.isStopping)
      throw new Error(
        `${name} is not ready after ${READY_WITHIN_MS / 1_000} s; its log ends with:\n${this.logEnd()}`,
      );
  }

  /** What a fault does: no warning, no clean-up. @returns whether a process was there to get it */
  kill(signal: NodeJS.Signals): boolean {
    const isAlive =
      this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
    return isAlive && this.child?.kill(signal) === true;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.identity) await stopProcess(this.identity, 'SIGTERM', STOP_WITHIN_MS);
    this.options.record(undefined);
  }

  private async onExit(code: number | null, signal: NodeJS.Signals | null, ranMs: number): Promise<void> {
    if (this.isStopping) return;
    if (ranMs > STEADY_AFTER_MS) this.restartInMs = RESTART_FIRST_MS;
    const { name, report, ended } = this.options;
    ended?.({ pid: this.child?.pid, code, signal });
    report(`${name} ended (${signal ?? `exit ${code}`}), starting it again`);
    await sleep(this.restartInMs);
    this.restartInMs = Math.min(this.restartInMs * 2, RESTART_LAST_MS);
    if (this.isStopping) return;
    this.restarts += 1;
    this.start();
  }

  private logEnd(): string {
    return readFileSync(this.options.logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-LOG_LINES_SHOWN)
      .join('\n');
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
