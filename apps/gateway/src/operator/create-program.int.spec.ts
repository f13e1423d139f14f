import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Database } from '@kizuna/database';
import { laneOf } from '@kizuna/messaging';
import { eventually, times } from '@kizuna/testing';
import { aProgram, startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const COMMAND = fileURLToPath(new URL('../../dist/operator/create-program.js', import.meta.url));

async function createProgram(
  url: string,
  input: string,
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [COMMAND], { env: { DATABASE_URL: url }, stdio: 'pipe' });
  child.stdin.end(input);
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

describe('the command that creates a program', () => {
  let gateway: TestGateway;
  let owner: Database;

  beforeAll(async () => {
    gateway = await startTestGateway();
    const url = gateway.room.urls.ownerUrl;
    owner = await Database.connect({ url, schema: 'gateway', applicationName: 'test', poolSize: 2 });
  });
  afterAll(async () => {
    await owner.close();
    await gateway.stop();
  });

  it.each(['ownerUrl', 'runtimeUrl'] as const)('creates once and gives a key each time: %s', async (role) => {
    const document = aProgram({ starts_at: undefined });
    const runs = [];
    for (let run = 0; run < 2; run += 1)
      runs.push(await createProgram(gateway.room.urls[role], JSON.stringify(document)));

    expect(runs.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const [first, second] = runs.map(({ out }) => JSON.parse(out) as Record<string, string>);
    const { program_id } = document;
    const api_key = expect.stringMatching(/^kz_live_[A-Za-z0-9_-]{43}$/);
    expect(first).toEqual({ program_id, revision: 1, created: true, api_key, key_id: expect.any(String) });
    expect(second).toEqual({ program_id, revision: 1, created: false, api_key, key_id: expect.any(String) });
    expect(first?.['api_key']).not.toBe(second?.['api_key']);
    for (const run of [first, second])
      expect(await gateway.call(run?.['api_key'], '/v1/program')).toMatchObject({
        status: 200,
        body: { program_id },
      });
    expect(
      await owner.query('SELECT actor FROM program_settings_history WHERE program_id = $1', [program_id]),
    ).toEqual([{ actor: 'operator' }]);
  });

  it('has the settings published, once, by the running gateway', async () => {
    const { program_id: id } = await gateway.program();
    await gateway.program({ program_id: id });
    const key = id;
    const events = await eventually(async () => {
      const published = await gateway.published('program-settings', id);
      expect(published.length).toBeGreaterThan(0);
      return published;
    });
    expect(events).toMatchObject([
      {
        partition: laneOf(key),
        key,
        event: {
          id: `settings:${id}:1`,
          source: '/gateway',
          type: 'kizuna.program.settings-changed.v1',
          program: id,
          data: { program_id: id, revision: 1, currency: 'JPY', starts_at: '2025-01-01T00:00:00Z' },
        },
      },
    ]);
  });

  it('creates once, however many ask at the same time', async () => {
    const { program_id } = aProgram();
    const opened = await times(6, () => gateway.program({ program_id }));
    expect(opened.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(opened.map(({ api_key }) => api_key)).size).toBe(6);
  });

  it('refuses other settings and says which', async () => {
    const document = aProgram();
    const url = gateway.room.urls.runtimeUrl;
    await gateway.program(document);
    const other = JSON.stringify({ ...document, currency: 'EUR', rounding: 'ceil' });
    expect(await createProgram(url, other)).toEqual({
      code: 1,
      out: '',
      err: `program ${String(document['program_id'])} exists with other settings: rounding is floor, not ceil; currency is JPY, not EUR\n`,
    });
    const [row] = await owner.query<{ keys: string }>(
      'SELECT count(*) AS keys FROM api_key WHERE program_id = $1',
      [document['program_id']],
    );
    expect(row?.keys).toBe('1');
  });

  it.each([
    ['no JSON', 'shop', 'the input must be one JSON object\n'],
    [
      'no zone',
      JSON.stringify(aProgram({ time_zone: 'Mars/Base' })),
      'time_zone "Mars/Base" is not an IANA time zone\n',
    ],
  ])('tells bad input apart: %s', async (_, input, err) => {
    expect(await createProgram(gateway.room.urls.runtimeUrl, input)).toEqual({ code: 2, out: '', err });
  });

  it('reaches a database in which no gateway ever ran', async () => {
    await owner.query(
      'DROP TABLE IF EXISTS outbox_' + new Date().toISOString().slice(0, 10).replaceAll('-', ''),
    );
    expect(await gateway.program()).toMatchObject({ created: true });
  });
});
