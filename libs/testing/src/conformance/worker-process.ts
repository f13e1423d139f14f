import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.js';
import { realParts } from '../real-parts.js';
import { OPERATOR_SECRET } from '../rooms.js';
import type { Stage } from './fixture.js';

/** What a worker process is to do; see `worker.ts`. */
export interface WorkerOrders {
  readonly role: 'consumer' | 'relay';
  readonly owner: string;
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** Part of the group's name at the broker; the database sees one group. */
  readonly group?: string;
  /** Kills itself after so many commits of the database, before the offset is committed. */
  readonly dieAfterCommits?: number;
  /** Throws as soon as it is told of a commit. */
  readonly failsToTell?: boolean;
  /** Stops inside the transaction of an event with this note until `go()`. */
  readonly stallsOn?: string;
}

/** A node process of our own, with what it printed and the way it ended. */
export class ChildProcess {
  readonly lines: string[] = [];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private hasEnded = false;

  constructor(script: string, environment: Readonly<Record<string, string>>) {
    // The compiled script: a real process knows nothing of the test runner.
    const path = fileURLToPath(new URL(`../../dist/conformance/${script}.js`, import.meta.url));
    this.child = spawn(process.execPath, [path], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        this.lines.push(...parts);
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.hasEnded = true;
        resolve({ code, signal });
      });
    });
  }

  async says(start: string, withinMs = 45_000): Promise<void> {
    await eventually(
      () => {
        if (!this.lines.some((line) => line.startsWith(start)))
          throw new Error(`the worker did not say "${start}": ${this.lines.slice(-10).join(' | ')}`);
      },
      { withinMs },
    );
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.child.kill(signal);
  }

  go(): void {
    this.child.stdin.write('go\n');
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** The room under trial as it is started everywhere, on ports of its own. */
export function startTrialRoom(
  { urls, topics }: Stage,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return new ChildProcess('trial-room', {
    PORT: '0',
    INTERNAL_PORT: '0',
    DATABASE_URL: urls.runtimeUrl,
    KAFKA_BROKERS: realParts().brokers.join(','),
    KAFKA_TOPIC_PREFIX: topics.prefix,
    OPERATOR_SECRET,
    LOG_LEVEL: 'info',
    ...environment,
  });
}

export function startWorker(
  { urls, topics }: Stage,
  orders: Pick<WorkerOrders, 'owner'> & Partial<WorkerOrders>,
): ChildProcess {
  const complete: WorkerOrders = {
    role: 'consumer',
    databaseUrl: urls.runtimeUrl,
    brokers: realParts().brokers,
    prefix: topics.prefix,
    ...orders,
  };
  return new ChildProcess('worker', { WORKER_ORDERS: JSON.stringify(complete) });
}
