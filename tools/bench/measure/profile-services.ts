import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOMS } from '../../local/rooms.js';
import type { Stack } from '../../stack/index.js';
import { Inspector } from './inspector.js';
import { pidsOf } from './processes.js';
import { sampleStatements } from './statements.js';

const SECONDS = 12;
const INTERVAL_MICROSECONDS = 500;
const SHOWN = 25;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Writes a CPU profile of each service and what the database is busy with, and tells the costliest of each. */
export async function profileServices(
  directory: string,
  stack: Stack,
  report: (line: string) => void,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const room of ROOMS) {
    const [pid] = pidsOf(room);
    if (pid === undefined) continue;
    const profile = await profileOf(pid);
    writeFileSync(join(directory, `${room}.cpuprofile`), JSON.stringify(profile));
    report(`${room}, share of its ${SECONDS} s`);
    for (const line of topOf(profile)) report(line);
  }
  const statements = await sampleStatements(stack, SECONDS);
  writeFileSync(join(directory, 'statements.txt'), `${statements.join('\n')}\n`);
  report(`sessions of the database at work on average in ${SECONDS} s, by statement and what they wait for`);
  for (const line of statements.slice(0, SHOWN)) report(line);
}

async function profileOf(pid: number): Promise<Profile> {
  const inspector = await Inspector.attach(pid);
  try {
    await inspector.call('Profiler.enable');
    await inspector.call('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
    await inspector.call('Profiler.start');
    await sleep(SECONDS * 1_000);
    return (await inspector.call('Profiler.stop'))['profile'] as Profile;
  } finally {
    await inspector.detach();
  }
}

/** Functions by their own time, callees left out. */
function topOf({ nodes, samples, timeDeltas }: Profile): string[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const own = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    const name = frames.get(id) ?? '?';
    own.set(name, (own.get(name) ?? 0) + delta);
    total += delta;
  }
  return [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, us]) => `  ${((us * 100) / total).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const file = /(?:node_modules\/|\/libs\/|\/apps\/|^node:)(.+)$/.exec(url)?.[1] ?? url;
  return `${functionName || '(anonymous)'} ${file}${url ? `:${lineNumber + 1}` : ''}`;
}
