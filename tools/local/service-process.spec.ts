import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@kizuna/testing';
import { isAlive, type ProcessIdentity } from '../stack/os-process.js';
import { freePorts } from '../stack/ports.js';
import { ServiceProcess } from './service-process.js';

const READY_SERVICE = `
  const { createServer } = require('node:http');
  createServer((_request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('a supervised service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kizuna-service-'));
  const lines: string[] = [];
  let recorded: ProcessIdentity | undefined;
  let service: ServiceProcess | undefined;

  const start = async (script: string): Promise<ServiceProcess> => {
    const file = join(directory, 'service.cjs');
    writeFileSync(file, script);
    const [port = 0] = await freePorts(1);
    service = new ServiceProcess({
      name: 'toy',
      file,
      url: `http://127.0.0.1:${port}`,
      environment: { PATH: process.env['PATH'], PORT: String(port) },
      logFile: join(directory, 'toy.log'),
      report: (line) => lines.push(line),
      record: (identity) => (recorded = identity),
    });
    service.start();
    return service;
  };

  const running = (): ProcessIdentity => {
    if (recorded === undefined || !isAlive(recorded)) throw new Error('no process runs');
    return recorded;
  };

  afterEach(async () => {
    await service?.stop();
    lines.length = 0;
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is started again after it was killed, as another process that is recorded', async () => {
    const toy = await start(READY_SERVICE);
    await toy.ready();
    const first = running();

    toy.kill('SIGKILL');

    const second = await eventually(() => {
      const present = running();
      expect(present.pid).not.toBe(first.pid);
      return present;
    });
    await toy.ready();
    expect(toy.pid).toBe(second.pid);
    expect(toy.restartCount).toBe(1);
    expect(lines).toEqual(['toy ended (SIGKILL), starting it again']);
  });

  it('stays down once it was stopped', async () => {
    const toy = await start(READY_SERVICE);
    await toy.ready();
    const process = running();

    await toy.stop();

    expect(isAlive(process)).toBe(false);
    expect(recorded).toBeUndefined();
    expect([toy.restartCount, lines]).toEqual([0, []]);
  });

  it('is started again after it ended by itself, and its output is in the log', async () => {
    const toy = await start(`console.error('no luck today'); process.exit(3);`);

    await eventually(() => expect(toy.restartCount).toBeGreaterThan(1));

    expect(lines[0]).toBe('toy ended (exit 3), starting it again');
    expect(readFileSync(join(directory, 'toy.log'), 'utf8')).toContain('no luck today');
  });
});
