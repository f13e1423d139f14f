import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { identify } from './os-process.js';

/**
 * Fills a folder so that it appears complete or not at all: under a name of this process first, then
 * renamed. What a killed run left half-done is removed; its initdb or Maven may even still be writing
 * there, so no two runs share a name. Answers false when another run finished the same folder first.
 */
export async function completeFolder(
  folder: string,
  fill: (unfinished: string) => Promise<void>,
): Promise<boolean> {
  const parent = dirname(folder);
  const prefix = `${basename(folder)}.unfinished-`;
  const unfinished = join(parent, `${prefix}${process.pid}`);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
    if (pid === undefined || (pid !== process.pid && identify(pid) !== undefined)) continue;
    removeIfPossible(join(parent, name));
  }
  try {
    await fill(unfinished);
    renameSync(unfinished, folder);
    return true;
  } catch (error) {
    removeIfPossible(unfinished);
    const isThere = (error as NodeJS.ErrnoException).syscall === 'rename' && existsSync(folder);
    if (!isThere) throw error;
    return false;
  }
}

/** Somebody who still writes there can put it off until the next run. */
function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}
