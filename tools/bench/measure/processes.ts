import { readdirSync, readFileSync } from 'node:fs';
import { commandLine } from '../../stack/os-process.js';
import { machineBusyMs } from './machine.js';

const MS_PER_TICK = 10;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ownMs: number;
  /** Of children that have ended. */
  readonly childrenMs: number;
}

/** CPU milliseconds so far, by the name of a process or a group of them. */
export interface CpuReading {
  readonly byName: ReadonlyMap<string, number>;
  /** Of the living sessions of the database, by process. */
  readonly sessions: ReadonlyMap<number, { readonly name: string; readonly ms: number }>;
  readonly machineMs: number | undefined;
}

/** The processes below this one, by what they are; this one generates the load. */
export const LOAD_GENERATOR = 'load generator';
export const POSTGRES = 'postgres';

/**
 * Reads what every process below this one has used. The database is a tree whose sessions come and go, so a session that
 * ended counts through its parent; its living sessions are told apart by their database as well.
 */
export function readCpu(): CpuReading {
  const byName = new Map<string, number>();
  const sessions = new Map<number, { name: string; ms: number }>();
  const add = (name: string, ms: number): void => void byName.set(name, (byName.get(name) ?? 0) + ms);
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
  const children = Map.groupBy(stats, ({ parent }) => parent);
  const visit = (stat: Stat, above: string | undefined): void => {
    const own = above ?? nameOf(stat.pid);
    if (own !== undefined) add(own, stat.ownMs + (own === POSTGRES ? stat.childrenMs : 0));
    if (own === POSTGRES && above !== undefined)
      sessions.set(stat.pid, { name: sessionOf(stat.pid), ms: stat.ownMs });
    for (const child of children.get(stat.pid) ?? []) visit(child, own);
  };
  for (const child of children.get(process.pid) ?? []) visit(child, undefined);
  const { user, system } = process.cpuUsage();
  add(LOAD_GENERATOR, (user + system) / 1_000);
  return { byName, sessions, machineMs: machineBusyMs() };
}

/** The processes of a kind, such as every instance of a service. */
export function pidsOf(name: string): number[] {
  const stats = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? statOf(Number(entry)) : []));
  return stats
    .filter(({ pid, parent }) => parent === process.pid && nameOf(pid) === name)
    .map(({ pid }) => pid);
}

function statOf(pid: number): Stat[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = (index: number): number => fields[index] ?? 0;
    return [
      {
        pid,
        parent: ticks(1),
        ownMs: (ticks(11) + ticks(12)) * MS_PER_TICK,
        childrenMs: (ticks(13) + ticks(14)) * MS_PER_TICK,
      },
    ];
  } catch {
    return [];
  }
}

function nameOf(pid: number): string | undefined {
  const line = commandLine(pid).join(' ');
  const service = /\/apps\/([a-z-]+)\/dist\/main\.js/.exec(line)?.[1];
  if (service !== undefined) return service;
  const naive = /\/bench\/naive\/([a-z-]+)\.js/.exec(line)?.[1];
  if (naive !== undefined) return `naive ${naive}`;
  if (line.includes('kafka.Kafka')) return 'broker';
  return /\/postgres( |$)/.test(line) ? POSTGRES : undefined;
}

/** Sessions carry role and database in their title, such as `postgres: x_runtime kizuna_x 127.0.0.1(4711) idle`. */
function sessionOf(pid: number): string {
  const database = / kizuna_([a-z_]+) /.exec(commandLine(pid).join(' '))?.[1];
  return `${POSTGRES}, ${database === undefined ? 'its own processes' : `sessions of ${database.replaceAll('_', '-')}`}`;
}

/**
 * CPU microseconds for each unit of work between two readings. Of the database's sessions those count that are alive at the
 * end: what an ended one used is in the figure of the whole database only.
 */
export function cpuPerUnit(before: CpuReading, after: CpuReading, units: number): Map<string, number> {
  const used = new Map([...after.byName].map(([name, ms]) => [name, ms - (before.byName.get(name) ?? 0)]));
  for (const [pid, { name, ms }] of after.sessions) {
    const known = before.sessions.get(pid);
    const since = known?.name === name && known.ms <= ms ? known.ms : 0;
    used.set(name, (used.get(name) ?? 0) + ms - since);
  }
  return new Map([...used].map(([name, ms]) => [name, (ms * 1_000) / units]));
}

/** The processes that make up the whole: parts of the database are not counted twice. */
export const isWhole = (name: string): boolean => !name.startsWith(`${POSTGRES},`);
