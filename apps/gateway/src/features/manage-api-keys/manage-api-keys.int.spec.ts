import { randomBytes } from 'node:crypto';
import { Database } from '@kizuna/database';
import { cursorOf, SCOPES } from '@kizuna/service';
import { eventually, times } from '@kizuna/testing';
import { ApiKeysRepository } from '../../storage/api-keys.repository.js';
import { CommandsRepository, CommandTakenOver } from '../../storage/commands.repository.js';
import { startTestGateway, type Answer, type TestGateway } from '../../testing/test-gateway.js';

describe('the keys of a program', () => {
  let gateway: TestGateway;
  let owner: Database;
  let key: string;
  let keyId: string;
  let program: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    const url = gateway.room.urls.ownerUrl;
    owner = await Database.connect({ url, schema: 'gateway', applicationName: 'test', poolSize: 2 });
  });
  beforeEach(async () => {
    ({ api_key: key, key_id: keyId, program_id: program } = await gateway.program());
  });
  afterAll(async () => {
    await owner.close();
    await gateway.stop();
  });

  const create = (body: object = {}, headers = {}, credential = key): Promise<Answer> =>
    gateway.call(credential, '/v1/api-keys', {
      body: { name: 'till 3', scopes: ['settings:read'], ...body },
      headers,
    });
  const revoke = (id: unknown, credential = key): Promise<Answer> =>
    gateway.call(credential, `/v1/api-keys/${String(id)}`, { method: 'DELETE' });
  const opens = async ({ body }: Answer, door = gateway): Promise<number> =>
    (await door.call(String(body['api_key']), '/v1/program')).status;

  it('are made with a part of the rights of the asking one, and shown once', async () => {
    const made = await create({ expires_at: '2099-01-01T00:00:00+09:00' });
    const shown = {
      key_id: expect.stringMatching(/^[a-z0-9]{8}$/),
      name: 'till 3',
      scopes: ['settings:read'],
      state: 'active',
      created_at: expect.any(String),
      created_by: `key:${keyId}`,
      expires_at: '2098-12-31T15:00:00.000Z',
      revoked_at: null,
      revoked_by: null,
    };
    const api_key = expect.stringMatching(/^kz_live_[A-Za-z0-9_-]{43}$/);
    expect(made).toMatchObject({ status: 201, body: { ...shown, api_key } });
    expect(await opens(made)).toBe(200);
    const secret = String(made.body['api_key']);
    expect(await gateway.call(secret, '/v1/rules')).toMatchObject({ status: 403 });

    const list = await gateway.call(key, '/v1/api-keys');
    expect(list.body).toEqual({
      items: [shown, expect.objectContaining({ key_id: keyId, created_by: 'operator' })],
      next_cursor: null,
    });
    const [stored] = await owner.query<{ text: string }>(
      `SELECT string_agg(row_to_json(k)::text, '') AS text FROM api_key k WHERE program_id = $1`,
      [program],
    );
    expect(stored?.text).not.toContain(secret.slice('kz_live_'.length, 30));
  });

  it('of a test program are test keys, and never open a live one', async () => {
    const test = await gateway.program({ mode: 'test' });
    const made = await create({}, {}, test.api_key);
    expect(made.body['api_key']).toMatch(/^kz_test_/);
    expect(await opens(made)).toBe(200);
    await owner.query('UPDATE api_key SET program_id = $1 WHERE key_id = $2', [program, made.body['key_id']]);
    await eventually(async () => expect(await opens(made)).toBe(401), { withinMs: 10_000 });
  });

  it('open nothing once they are revoked: at once here, in five seconds elsewhere', async () => {
    const second = await startTestGateway({}, gateway);
    const made = await create();
    expect([await opens(made), await opens(made, second)]).toEqual([200, 200]);
    const revoked = await revoke(made.body['key_id']);
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', revoked_by: `key:${keyId}` } });
    expect(await opens(made)).toBe(401);
    await eventually(async () => expect(await opens(made, second)).toBe(401), { withinMs: 7_000 });
    expect((await revoke(made.body['key_id'])).body).toEqual(revoked.body);
    await second.stop();
  });

  it('open nothing from the moment they expire', async () => {
    const made = await create({ expires_at: new Date(Date.now() + 4_000).toISOString() });
    expect(await opens(made)).toBe(200);
    await eventually(async () => expect(await opens(made)).toBe(401), { withinMs: 8_000 });
    const list = await gateway.call(key, '/v1/api-keys');
    expect(list.body['items']).toMatchObject([{ state: 'expired' }, { state: 'active' }]);
  });

  it('are listed in pages, newest first', async () => {
    const ids: unknown[] = [keyId];
    for (let n = 0; n < 4; n += 1) ids.unshift((await create({ name: `till ${n}` })).body['key_id']);
    const seen: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page += 1) {
      const { body } = await gateway.call(key, `/v1/api-keys?limit=2${cursor}`);
      seen.push(...(body['items'] as { key_id: string }[]).map(({ key_id }) => key_id));
      cursor = `&cursor=${String(body['next_cursor'])}`;
    }
    expect(seen).toEqual(ids);
    expect(cursor).toBe('&cursor=null');
    const first = await gateway.call(key, '/v1/api-keys?limit=2');
    const other = await gateway.program();
    const foreign = `/v1/api-keys?cursor=${String(first.body['next_cursor'])}`;
    expect(await gateway.call(other.api_key, foreign)).toMatchObject({ status: 400 });
  });

  it('give no right that the asking one has not', async () => {
    const { api_key } = await gateway.program({
      key: { name: 'keys', scopes: ['keys:write', 'rules:read'] },
    });
    const scopes = ['rules:read', 'rules:write', 'settings:write'];
    expect(await create({ scopes }, {}, api_key)).toMatchObject({
      status: 403,
      body: { code: 'missing_scope', errors: [{ pointer: '/scopes/1' }, { pointer: '/scopes/2' }] },
    });
    expect(await create({ scopes: ['rules:read', 'keys:write'] }, {}, api_key)).toMatchObject({
      status: 201,
    });
  });

  it.each<[string, object, string]>([
    ['an unknown scope', { scopes: ['all'] }, '/scopes'],
    ['no scope', { scopes: [] }, '/scopes'],
    ['a scope twice', { scopes: ['rules:read', 'rules:read'] }, '/scopes'],
    ['no name', { name: ' ' }, '/name'],
    ['a line feed', { name: 'a\nb' }, '/name'],
    ['a past', { expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    ['no instant', { expires_at: 'soon' }, '/expires_at'],
    ['an unknown property', { program_id: 'other' }, '/program_id'],
  ])('are refused with a pointer: %s', async (_, body, pointer) => {
    const answer = await create(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body['errors']).toContainEqual({ pointer, detail: expect.any(String) });
  });

  it('of another program are absent', async () => {
    const other = await gateway.program();
    expect(await revoke(other.key_id)).toMatchObject({ status: 404 });
    expect(await revoke('unknown1')).toMatchObject({ status: 404 });
    expect(await gateway.call(other.api_key, '/v1/program')).toMatchObject({ status: 200 });
  });

  it('are made once under an Idempotency-Key, and the second answer has no secret', async () => {
    const headers = { 'idempotency-key': 'till-3' };
    const answers = await times(10, () => create({}, headers));
    const made = answers.filter(({ body }) => body['api_key'] !== undefined);
    expect(made).toHaveLength(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const { api_key, ...rest } = made[0]?.body ?? {};
    expect((await create({}, headers)).body).toEqual(rest);
    expect(await create({ name: 'till 4' }, headers)).toMatchObject({ status: 422 });
    const [row] = await owner.query<{ body: Buffer; keys: string }>(
      `SELECT body, (SELECT count(*) FROM api_key k WHERE k.program_id = c.program_id) AS keys
       FROM command c WHERE program_id = $1`,
      [program],
    );
    expect(row?.keys).toBe('2');
    expect(row?.body.toString()).not.toContain(String(api_key).slice('kz_live_'.length, 30));
  });

  it('are not made by an attempt that was taken over: its effect goes with its answer', async () => {
    const keys = new ApiKeysRepository(gateway.room.database);
    const commands = new CommandsRepository(gateway.room.database);
    const command = { route: 'POST /v1/api-keys', bodyHash: 'x' };
    const slow = await commands.begin(program, 'slow', command);
    await owner.query(`UPDATE command SET started_at = now() - interval '16 seconds' WHERE program_id = $1`, [
      program,
    ]);
    expect((await commands.find(program, 'slow'))?.isAbandoned).toBe(true);
    const next = await commands.takeOver(slow!);
    const make = (attempt: typeof next, keyId: string): Promise<Date> =>
      keys.insert(
        {
          keyId,
          programId: program,
          name: 'till',
          secretHash: randomBytes(32),
          scopes: ['rules:read'],
          createdBy: 'test',
        },
        attempt,
        () => ({ status: 201, headers: {}, body: Buffer.from('{}') }),
      );
    await expect(make(slow, 'aaaaaaaa')).rejects.toThrow(CommandTakenOver);
    await make(next, 'bbbbbbbb');
    const list = await gateway.call(key, '/v1/api-keys');
    const ids = (list.body['items'] as { key_id: string }[]).map(({ key_id }) => key_id);
    expect(ids).toEqual(['bbbbbbbb', keyId]);
  });

  it.each(['sort=secret_hash', 'limit=1&limit=2', 'program_id=other'])(
    'have no list by %s',
    async (query) => {
      for (const path of ['/v1/api-keys', '/v1/program/history', '/v1/members/ann/activity'])
        expect(await gateway.call(key, `${path}?${query}`)).toMatchObject({
          status: 400,
          body: { code: 'invalid_request' },
        });
    },
  );

  it('have no list from a place that somebody made up', async () => {
    for (const [path, scope, parts] of [
      ['/v1/api-keys', 'api keys', ['2027', 'x; DROP TABLE api_key']],
      ['/v1/api-keys', 'api keys', ['then', 'x']],
      ['/v1/program/history', 'program history', ['NaN']],
      ['/v1/members/ann/activity', 'activity', ['', 'never award 1', '', '', '', '']],
    ] as const) {
      const cursor = cursorOf(`${scope} ${program}${scope === 'activity' ? ' ann' : ''}`, parts);
      const { status } = await gateway.call(key, `${path}?cursor=${cursor}`);
      expect([path, parts, status]).toEqual([path, parts, parts[0] === '2027' ? 200 : 400]);
    }
  });

  it('are kept out of addresses', async () => {
    for (const path of [
      `/v1/program?api_key=${key}`,
      `/v1/members/${key}/wallets`,
      `/health/live?${key.replaceAll('_', '%5F')}`,
    ])
      expect(await gateway.call(key, path)).toMatchObject({ status: 400, body: { code: 'key_in_address' } });
  });

  it('can be given every right that there is', async () => {
    const made = await create({ scopes: [...SCOPES] });
    expect(made).toMatchObject({ status: 201, body: { scopes: SCOPES } });
  });
});

describe('an address that guesses keys', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('is told to wait, and who shares it with a good key is not', async () => {
    const { api_key } = await gateway.program();
    const { api_key: fresh } = await gateway.program();
    const revoked = await gateway.program();
    const open = (key: string): Promise<Answer> => gateway.call(key, '/v1/program');
    expect([(await open(api_key)).status, (await open(revoked.api_key)).status]).toEqual([200, 200]);

    const guesses = [];
    for (let guess = 0; guess < 40; guess += 1)
      guesses.push(await open(`kz_live_${String(guess).padStart(43, 'x')}`));
    expect(guesses[0]).toMatchObject({ status: 401 });
    const last = guesses.at(-1);
    expect(last).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(60);

    expect(await open(api_key)).toMatchObject({ status: 200 });
    expect(await open(fresh)).toMatchObject({ status: 429 });
    const path = `/v1/api-keys/${revoked.key_id}`;
    await gateway.call(revoked.api_key, path, { method: 'DELETE' });
    expect(await open(revoked.api_key)).toMatchObject({ status: 401 });
    expect(await gateway.call(undefined, '/health/live')).toMatchObject({ status: 200 });
  });
});
