import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StateFile } from './state-file.js';

export interface StackContext {
  readonly environment: NodeJS.ProcessEnv;
  report(line: string): void;
  /** Creates the data directory and makes this process its owner; the environment way never calls it. */
  folder(): OwnedFolder;
}

export interface OwnedFolder {
  readonly path: string;
  readonly state: StateFile;
}

/** One part of the stack in whatever way it was found. */
export interface Part<Address> {
  readonly address: Address;
  readonly from: 'environment' | 'local';
  /** Only of a server that runs here as a process of ours. */
  readonly process?: ServerControl;
  stop(): Promise<void>;
}

/** For drills: what happens to a server, and how it comes back with the same data on the same ports. */
export interface ServerControl {
  signal(name: NodeJS.Signals): void;
  /** Starts it again after it was killed. */
  restart(): Promise<void>;
}

/** A way answers undefined where it does not apply, and throws when it applies and fails. */
export type Way<Address> = (context: StackContext) => Promise<Part<Address> | undefined>;

/** This project's folder, from the sources and from `dist` alike: not every file here is compiled. */
export function toolsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}
