import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../stack/os-process.js';
import { gatewayDatabaseUrl, NothingRuns } from './installation.js';

const URL_OF_RUN = 'postgres://gateway_runtime:secret@127.0.0.1:5432/kizuna_gateway';

describe('the database that an operator command works on', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kizuna-installation-'));
  const note = (name: string, content: unknown): void =>
    writeFileSync(join(directory, name), JSON.stringify(content));
  const noteRun = (process: unknown): void => {
    note('local.json', { gatewayDatabaseUrl: URL_OF_RUN });
    note('services.json', { gateway: { process, port: 1 } });
  };

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is nowhere while nothing ever ran, and the sentence says what to do', () => {
    expect(() => gatewayDatabaseUrl(directory, {})).toThrow(NothingRuns);
    expect(() => gatewayDatabaseUrl(directory, {})).toThrow('run "npm start" in another terminal');
  });

  it('is the one of the run whose gateway is alive', () => {
    noteRun(identify(process.pid));
    expect(gatewayDatabaseUrl(directory, {})).toBe(URL_OF_RUN);
  });

  it('is not the one of a run that has ended', () => {
    noteRun({ pid: process.pid, startedAt: 'another boot:1' });
    expect(() => gatewayDatabaseUrl(directory, {})).toThrow(NothingRuns);
    noteRun(undefined);
    expect(() => gatewayDatabaseUrl(directory, {})).toThrow(NothingRuns);
  });

  it('is the one that the environment names, whatever runs', () => {
    const url = 'postgres://elsewhere/kizuna_gateway';
    expect(gatewayDatabaseUrl(directory, { GATEWAY_DATABASE_URL: url })).toBe(url);
  });
});
