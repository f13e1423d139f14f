import { Database } from '@kizuna/database';
import { eventually, times } from '@kizuna/testing';
import { startTestGateway, type Answer, type TestGateway } from '../../testing/test-gateway.js';

describe('changing the own program', () => {
  let gateway: TestGateway;
  let owner: Database;
  let program: string;
  let key: string;
  let keyId: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    const url = gateway.room.urls.ownerUrl;
    owner = await Database.connect({ url, schema: 'gateway', applicationName: 'test', poolSize: 2 });
  });
  beforeEach(async () => {
    ({ program_id: program, api_key: key, key_id: keyId } = await gateway.program());
  });
  afterAll(async () => {
    await owner.close();
    await gateway.stop();
  });

  const change = (body: object): Promise<Answer> =>
    gateway.call(key, '/v1/program', { method: 'PATCH', body });
  const history = (query = ''): Promise<Answer> => gateway.call(key, `/v1/program/history${query}`);

  it('answers with the whole settings, which are read and published with the next revision', async () => {
    const wallet = { wallet: 'points', unit_value: { currency: 'JPY', minor: 1, units: 2 } };
    const changed = { name: 'Store', return_window_days: 14, wallets: [wallet, { wallet: 'coins' }] };
    expect(await change({ revision: 1, ...changed })).toMatchObject({
      status: 200,
      body: { program_id: program, revision: 2, rounding: 'floor', min_life_days: 90, ...changed },
    });
    expect((await gateway.call(key, '/v1/program')).body).toMatchObject({ revision: 2, ...changed });
    const events = await eventually(async () => {
      const published = await gateway.published('program-settings', program);
      expect(published).toHaveLength(2);
      return published;
    });
    expect(events[1]).toMatchObject({
      key: program,
      event: { id: `settings:${program}:2`, data: { revision: 2, ...changed } },
    });
  });

  it('has no effect, and no revision, when nothing differs', async () => {
    const { body } = await gateway.call(key, '/v1/program');
    expect(await change(body)).toMatchObject({ status: 200, body: { revision: 1 } });
    expect((await history()).body['items']).toHaveLength(1);
  });

  it('is kept with who did it and what it changed, newest first, in pages', async () => {
    await change({ revision: 1, rounding: 'ceil' });
    await change({ revision: 2, wallets: [{ wallet: 'points' }, { wallet: 'coins' }] });
    const first = await history('?limit=2');
    expect(first.body['items']).toEqual([
      {
        revision: 3,
        changed_at: expect.any(String),
        actor: `key:${keyId}`,
        changes: [{ setting: 'wallets/coins', from: null, to: { wallet: 'coins' } }],
      },
      {
        revision: 2,
        changed_at: expect.any(String),
        actor: `key:${keyId}`,
        changes: [{ setting: 'rounding', from: 'floor', to: 'ceil' }],
      },
    ]);
    const cursor = String(first.body['next_cursor']);
    const last = await history(`?limit=2&cursor=${cursor}`);
    expect(last.body).toMatchObject({ items: [{ revision: 1, actor: 'operator' }], next_cursor: null });
    const other = await gateway.program();
    for (const [asker, query] of [
      [key, '?limit=1000000'],
      [key, `?cursor=${cursor}x`],
      [other.api_key, `?cursor=${cursor}`],
    ] as const)
      expect(await gateway.call(asker, `/v1/program/history${query}`)).toMatchObject({ status: 400 });
  });

  it('of two at once lets one in', async () => {
    const answers = await times(8, (index) => change({ revision: 1, name: `Shop ${index}` }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'revision_conflict',
      revision: 2,
    });
    expect((await history()).body['items']).toHaveLength(2);
  });

  it.each<[string, Record<string, unknown>, number, string, string]>([
    ['another mode', { mode: 'test' }, 422, 'setting_is_fixed', '/mode'],
    ['another currency', { currency: 'EUR' }, 422, 'setting_is_fixed', '/currency'],
    ['another id', { program_id: 'other' }, 422, 'setting_is_fixed', '/program_id'],
    ['a clock', { clock_at: '2030-01-01T00:00:00Z' }, 422, 'setting_is_fixed', '/clock_at'],
    ['another start', { starts_at: '2099-01-01T00:00:00Z' }, 422, 'setting_is_fixed', '/starts_at'],
    [
      'a term of ages',
      { wallets: [{ wallet: 'points', expiry: { kind: 'rolling', count: 36_500, unit: 'year' } }] },
      400,
      'invalid_request',
      '/wallets/0/expiry/count',
    ],
    ['a wallet less', { wallets: [{ wallet: 'coins' }] }, 422, 'wallet_removed', '/wallets'],
    ['no such zone', { time_zone: 'Mars/Base' }, 400, 'invalid_request', '/time_zone'],
    ['an unknown setting', { balance: 1 }, 400, 'invalid_request', '/balance'],
    [
      'an unknown part of a wallet',
      { wallets: [{ wallet: 'points', a: 1 }] },
      400,
      'invalid_request',
      '/wallets/0/a',
    ],
    ['half a day', { late_window_days: 0.5 }, 400, 'invalid_request', '/late_window_days'],
    ['a revision as text', { revision: '1' }, 400, 'invalid_request', '/revision'],
    ['no revision', { revision: undefined }, 400, 'invalid_request', '/revision'],
  ])('is refused with a pointer: %s', async (_, fields, status, code, pointer) => {
    const answer = await change({ revision: 1, ...fields });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body['errors']).toContainEqual({ pointer, detail: expect.any(String) });
    expect((await gateway.call(key, '/v1/program')).body).toMatchObject({ revision: 1 });
  });

  it('needs its scope, and finds no other program', async () => {
    const reader = await gateway.program({ key: { name: 'reader', scopes: ['settings:read'] } });
    const options = { method: 'PATCH', body: { revision: 1, name: 'Mine' } };
    expect(await gateway.call(reader.api_key, '/v1/program', options)).toMatchObject({ status: 403 });
    await gateway.call(key, `/v1/program?program_id=${reader.program_id}`, options);
    expect((await gateway.call(reader.api_key, '/v1/program')).body).toMatchObject({ name: 'A shop' });
  });

  it.each([
    [`settings = jsonb_set(settings, '{mode}', '"test"'), revision = revision + 1`, 'never change'],
    [`settings = jsonb_set(settings, '{currency}', '"EUR"'), revision = revision + 1`, 'never change'],
    [`settings = jsonb_set(settings, '{revision}', '9'), revision = 9`, 'follow each other'],
  ])('is held to its laws by the table too: %s', async (set, sentence) => {
    const sql = `UPDATE program SET ${set} WHERE program_id = $1`;
    await expect(gateway.room.database.query(sql, [program])).rejects.toThrow(sentence);
    await expect(owner.query(sql, [program])).rejects.toThrow(sentence);
  });
});
