import { readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, identify } from '../os-process.js';
import type { ServerRecord } from '../state-file.js';

/** The server that PostgreSQL's own pid file names, if it truly is one of this data folder. */
export function postmasterOf(data: string): ServerRecord | undefined {
  const lines = read(data);
  const found = identify(Number(lines[0]));
  if (found === undefined || !serves(found.pid, data)) return undefined;
  return { ...found, ports: [Number(lines[3])] };
}

/**
 * After a crash the file may name a pid that another program has by now, and PostgreSQL would refuse to
 * start. It is removed only when no process at all works in the data folder, sessions that outlived
 * their server included.
 */
export function removeStalePidFile(data: string): void {
  const pid = Number(read(data)[0]);
  if (identify(pid) === undefined || serves(pid, data) || isWorkedIn(data)) return;
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

function read(data: string): readonly string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function serves(pid: number, data: string): boolean {
  const [program, ...rest] = commandLine(pid);
  return program?.endsWith('/postgres') === true && rest.includes(data);
}

function isWorkedIn(folder: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // ended meanwhile, or another user's, who cannot work in a folder of ours
    }
  });
}
