import { closeSync, openSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as it can be recognised later: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start tick, both as Linux prints them. */
  readonly startedAt: string;
}

/** Answers undefined for a dead process, and for a zombie that nobody has collected yet. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    const startTick = fields[19];
    if (state === 'Z' || state === 'X' || startTick === undefined) return undefined;
    return { pid, startedAt: `${bootId()}:${startTick}` };
  } catch {
    return undefined;
  }
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startedAt === process.startedAt;
}

/** The arguments a process was started with, its name first; empty when it is gone. */
export function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0');
  } catch {
    return [];
  }
}

/** Sends nothing unless the pid still belongs to that very process. */
export function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const STOP_WITHIN_MS = 20_000;

/** Asks with the given signal, waits, and kills only what has not ended in time. */
export async function stopProcess(
  target: ProcessIdentity,
  name: NodeJS.Signals,
  withinMs = STOP_WITHIN_MS,
): Promise<void> {
  signal(target, name);
  if (await endsWithin(target, withinMs)) return;
  signal(target, 'SIGKILL');
  if (await endsWithin(target, 5_000)) return;
  throw new Error(`Process ${target.pid} does not end, not even after SIGKILL.`);
}

async function endsWithin(target: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(target)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Starts a server in a process group of its own: Ctrl-C in the terminal reaches only us, so that servers
 * end after the services that use them. Its output goes to a file, because a pipe would break with us.
 */
export function launch(command: Command, logFile: string): ProcessIdentity {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command.file, [...command.arguments], {
      detached: true,
      env: command.environment,
      stdio: ['ignore', log, log],
    });
    child.on('error', () => undefined); // told below, by the missing pid
    child.unref();
    const started = child.pid === undefined ? undefined : identify(child.pid);
    if (started === undefined) throw new Error(`${command.file} cannot be started.`);
    return started;
  } finally {
    closeSync(log);
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
