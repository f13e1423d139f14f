import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '@kizuna/testing';
import { identify, isAlive, signal, type ProcessIdentity } from '../stack/os-process.js';
import { ServiceRecords } from './service-records.js';

/** Starts argument 1 in a process group of its own, prints its pid and never ends: what npm start does. */
const STARTER = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, [process.argv[1]], { detached: true, stdio: 'ignore' });
  process.stdout.write(String(child.pid));
  setInterval(() => undefined, 1000);
`;

describe('what a killed run leaves behind', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kizuna-records-'));
  const left: ProcessIdentity[] = [];

  /** A process that runs on after whatever started it was killed. */
  const orphan = async (...script: readonly string[]): Promise<ProcessIdentity> => {
    const file = join(directory, ...script);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'setInterval(() => undefined, 1000);');
    const starter = spawn(process.execPath, ['-e', STARTER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) =>
      starter.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
    );
    starter.kill('SIGKILL');
    await new Promise((resolve) => starter.once('exit', resolve));
    const found = await eventually(() => {
      const process = identify(pid);
      if (process === undefined) throw new Error('the orphan does not run');
      return process;
    });
    left.push(found);
    return found;
  };

  const stopOrphans = async (): Promise<readonly string[]> => {
    const lines: string[] = [];
    await new ServiceRecords(directory).stopOrphans((line) => lines.push(line));
    return lines;
  };

  afterAll(() => {
    for (const process of left) signal(process, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('is stopped by the next run, which says so', async () => {
    const process = await orphan('apps', 'gateway', 'dist', 'main.js');
    new ServiceRecords(directory).set('gateway', { process, port: 1 });

    expect(await stopOrphans()).toEqual([`stopping gateway of an earlier run (process ${process.pid})`]);

    expect(isAlive(process)).toBe(false);
    expect(new ServiceRecords(directory).get('gateway')?.port).toBe(1);
  });

  it('is left alone when it is another program', async () => {
    const process = await orphan('somebody-elses.js');
    new ServiceRecords(directory).set('campaigns', { process });

    expect(await stopOrphans()).toEqual([]);

    expect(isAlive(process)).toBe(true);
  });

  it('is left alone when the pid has been given to a later process', async () => {
    const process = await orphan('apps', 'points-ledger', 'dist', 'main.js');
    const earlier = { ...process, startedAt: 'another boot:1' };
    new ServiceRecords(directory).set('points-ledger', { process: earlier });

    expect(await stopOrphans()).toEqual([]);

    expect(isAlive(process)).toBe(true);
  });
});
