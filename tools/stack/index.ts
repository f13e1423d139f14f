import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import type { OwnedFolder, Part, ServerControl, StackContext } from './context.js';
import { claimDirectory, type DirectoryClaim } from './directory-claim.js';
import { stopProcess } from './os-process.js';
import { STOP_SIGNALS } from './server.js';
import { SERVER_NAMES, StateFile } from './state-file.js';
import { findFirst, KAFKA_WAYS, POSTGRES_WAYS } from './ways.js';

export interface Stack {
  readonly postgres: {
    /** A superuser's URL of the database `postgres`. */
    readonly adminUrl: string;
    readonly from: 'environment' | 'local';
    /** Such as `18.4`. */
    readonly version: string;
  };
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly from: 'environment' | 'local';
    /** Only of a broker that runs here as a process of ours. */
    readonly process?: ServerControl;
  };
  /** Stops what this call started or adopted; never what came from the environment. May be called twice. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Where data, logs and the state file of local servers live; created when missing. */
  readonly directory: string;
  /** Where addresses, the search path and the cache folder are read from; `process.env` unless given. */
  readonly environment?: NodeJS.ProcessEnv;
  report(line: string): void;
}

/**
 * Finds or starts PostgreSQL 18 and Kafka. Throws an Error of one sentence for each part that fails: what
 * must be installed, which address does not answer, or which process owns the directory.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const own = ownership(options.directory);
  const context: StackContext = {
    environment: options.environment ?? process.env,
    report: (line) => options.report(line),
    folder: () => own.take(),
  };
  // Both at once: the broker takes seconds, the database tenths of them.
  const [postgres, kafka] = await Promise.allSettled([
    findFirst(POSTGRES_WAYS, context),
    findFirst(KAFKA_WAYS, context),
  ]);
  if (postgres.status === 'rejected' || kafka.status === 'rejected') {
    const settled = [postgres, kafka];
    const found = settled.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
    await Promise.allSettled(found.map((part) => part.stop()));
    own.release();
    throw asOne(settled.flatMap((part) => (part.status === 'rejected' ? [part.reason] : [])));
  }
  return {
    postgres: { ...postgres.value.address, from: postgres.value.from },
    kafka: {
      ...kafka.value.address,
      from: kafka.value.from,
      ...(kafka.value.process ? { process: kafka.value.process } : {}),
    },
    stop: once(() => stopAll([postgres.value, kafka.value], own)),
  };
}

/** Stops what a dead run left in this directory and deletes it; throws while a live process owns it. */
export async function removeStack(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const own = ownership(directory);
  const { path, state } = own.take();
  for (const name of SERVER_NAMES) {
    const record = state.get(name);
    if (record !== undefined) await stopProcess(record, STOP_SIGNALS[name]);
  }
  rmSync(path, { recursive: true, force: true });
}

interface Ownership {
  take(): OwnedFolder;
  release(): void;
}

/** Claims the directory when the first local server asks for it: addresses from outside need none. */
function ownership(directory: string): Ownership {
  let taken: (OwnedFolder & { readonly claim: DirectoryClaim }) | undefined;
  return {
    take: () => {
      if (taken !== undefined) return taken;
      mkdirSync(directory, { recursive: true });
      // One spelling, whatever links lead there: servers are recognised by their arguments.
      const path = realpathSync(directory);
      const claim = claimDirectory(path);
      taken = { path, claim, state: new StateFile(path) };
      return taken;
    },
    release: () => {
      taken?.claim.release();
      taken = undefined;
    },
  };
}

async function stopAll(parts: readonly Part<unknown>[], own: Ownership): Promise<void> {
  const stopped = await Promise.allSettled(parts.map((part) => part.stop()));
  own.release();
  const failures = stopped.flatMap((part) => (part.status === 'rejected' ? [part.reason] : []));
  if (failures.length > 0) throw asOne(failures);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= action());
}

/** The reader should see everything that is missing at once, and the same refusal only once. */
function asOne(reasons: readonly unknown[]): unknown {
  const sentences = new Set(reasons.map((reason) => (reason as Partial<Error>).message ?? String(reason)));
  return sentences.size === 1 ? reasons[0] : new AggregateError(reasons, [...sentences].join('\n'));
}
