import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './os-process.js';

export interface DirectoryClaim {
  release(): void;
}

/**
 * Makes this process the only owner of a data directory, or throws a sentence that names the live owner.
 *
 * Claims are numbered files and the highest number owns. A claim is made by linking a complete file to
 * the next number, which succeeds once. The highest file is never removed, only marked as released: were
 * a single lock file deleted when stale, two runs could each delete the other's fresh one.
 */
export function claimDirectory(directory: string): DirectoryClaim {
  const folder = join(directory, 'owner');
  mkdirSync(folder, { recursive: true });
  const self = identify(process.pid);
  if (self === undefined) throw new Error('A process can see itself in /proc.');

  for (;;) {
    const highest = claims(folder).at(-1) ?? 0;
    const owner = ownerOf(folder, highest);
    if (owner !== undefined && isAlive(owner)) {
      throw new Error(`${directory} is in use by process ${owner.pid}: stop that one first, or wait for it.`);
    }
    const mine = highest + 1;
    if (!link(folder, mine, self)) continue;
    if (claims(folder).at(-1) !== mine) {
      rmSync(join(folder, String(mine)), { force: true });
      continue;
    }
    for (const older of claims(folder).filter((number) => number < mine)) {
      rmSync(join(folder, String(older)), { force: true });
    }
    return { release: () => release(folder, mine) };
  }
}

function claims(folder: string): readonly number[] {
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((left, right) => left - right);
}

function ownerOf(folder: string, number: number): ProcessIdentity | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, String(number)), 'utf8'));
    const { pid, startedAt } = content as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

function link(folder: string, number: number, self: ProcessIdentity): boolean {
  const complete = write(folder, self);
  try {
    linkSync(complete, join(folder, String(number)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(complete, { force: true });
  }
}

function release(folder: string, number: number): void {
  try {
    renameSync(write(folder, { released: true }), join(folder, String(number)));
  } catch (error) {
    // The whole directory was thrown away: nothing is left to release.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function write(folder: string, content: object): string {
  const path = join(folder, `${randomUUID()}.new`);
  writeFileSync(path, `${JSON.stringify(content)}\n`);
  return path;
}
