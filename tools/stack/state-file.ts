import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './os-process.js';

export const SERVER_NAMES = ['postgres', 'kafka'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** What a later run must know to find a server again, or to reuse its ports. */
export interface ServerRecord extends ProcessIdentity {
  readonly ports: readonly number[];
  /** Asked to stop by a process that did not wait for it: still running, but not to be adopted. */
  readonly stopping?: boolean;
}

/**
 * `stack.json`. Written synchronously and at once after a start: a run killed between the start and the
 * record would leave a server that nobody knows.
 */
export class StateFile {
  private readonly path: string;
  private readonly records: Partial<Record<ServerName, ServerRecord>>;

  constructor(directory: string) {
    this.path = join(directory, 'stack.json');
    this.records = read(this.path);
  }

  get(name: ServerName): ServerRecord | undefined {
    return this.records[name];
  }

  set(name: ServerName, record: ServerRecord): void {
    this.records[name] = record;
    const unfinished = `${this.path}.new`;
    writeFileSync(unfinished, `${JSON.stringify(this.records, null, 2)}\n`);
    renameSync(unfinished, this.path);
  }
}

function read(path: string): Partial<Record<ServerName, ServerRecord>> {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content !== 'object' || content === null) return {};
    return Object.fromEntries(Object.entries(content).filter(([, record]) => isRecord(record)));
  } catch {
    return {}; // no file, or a damaged one: then there is nothing to adopt
  }
}

function isRecord(value: unknown): value is ServerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startedAt, ports } = value as Partial<ServerRecord>;
  return (
    typeof pid === 'number' &&
    typeof startedAt === 'string' &&
    Array.isArray(ports) &&
    ports.every((port) => Number.isInteger(port))
  );
}
