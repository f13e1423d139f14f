import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const OWNER_WRITTEN_WITHIN_MS = 5_000;

/**
 * One run at a time installs and builds. The lock lies outside node_modules, which `npm ci` deletes, and
 * whoever finds that its owner has died removes it.
 */
export async function withRunLock(root, action) {
  const lock = join(root, '.data', 'run-lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; !take(lock); told = true) {
    if (isStale(lock)) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!told) console.log(`waiting for process ${ownerOf(lock)?.pid ?? ''}, which installs or builds`);
    await sleep(100);
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(
    join(lock, 'owner.json'),
    JSON.stringify({ pid: process.pid, startTick: startTick(process.pid) }),
  );
  return true;
}

function isStale(lock) {
  const owner = ownerOf(lock);
  if (owner !== undefined) return !isAlive(owner);
  const made = statSync(lock, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > OWNER_WRITTEN_WITHIN_MS;
}

function ownerOf(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startTick: recorded }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return startTick(pid) === recorded;
}

/** Tells a process from a later one with the same pid; null where there is no /proc, and the pid must do. */
function startTick(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return null;
  }
}
