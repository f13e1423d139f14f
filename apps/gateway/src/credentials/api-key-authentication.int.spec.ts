import { Database } from '@kizuna/database';
import { formatKey } from '../domain/api-key.js';
import { insertApiKey } from '../storage/insert-api-key.js';
import { aPurchase } from '../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';
import { issueApiKey } from './issue-api-key.js';

describe('an API key', () => {
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

  it.each(['live', 'test'] as const)('opens its own program: %s', async (mode) => {
    const { api_key, program_id } = await gateway.program({ mode });
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({
      status: 200,
      body: { program_id, mode },
    });
  });

  it.each([
    ['none', undefined],
    ['no key at all', 'secret'],
    ['an unknown one', formatKey('live', 'x'.repeat(43))],
  ])('is needed: %s', async (_, key) => {
    const answer = await gateway.call(key, '/v1/purchases', { body: aPurchase() });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it.each([
    ['revoked', 'revoked_at = now()'],
    ['expired', 'expires_at = now()'],
  ])('opens nothing once it is %s', async (_, change) => {
    const { api_key, key_id } = await gateway.program();
    await owner.query(`UPDATE api_key SET ${change} WHERE key_id = $1`, [key_id]);
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({ status: 401 });
  });

  it('opens only a program of its kind', async () => {
    const { program_id: programId } = await gateway.program({ mode: 'test' });
    const { apiKey, keyId, secretHash } = issueApiKey('live');
    await owner.transaction((tx) =>
      insertApiKey(tx, {
        keyId,
        programId,
        name: 'moved',
        secretHash,
        scopes: ['settings:read'],
        createdBy: 'operator',
      }),
    );
    expect(await gateway.call(apiKey, '/v1/program')).toMatchObject({ status: 401 });
  });

  it('may do what its scopes say and no more', async () => {
    const { api_key } = await gateway.program({ key: { name: 'shop', scopes: ['events:write'] } });
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({
      status: 403,
      body: { code: 'missing_scope' },
    });
    expect(await gateway.call(api_key, '/v1/rules')).toMatchObject({ status: 403 });
    expect(await gateway.call(api_key, '/v1/purchases', { body: {} })).toMatchObject({ status: 400 });
  });

  it('is not kept: only its hash is', async () => {
    const { api_key, key_id } = await gateway.program();
    const [row] = await owner.query<{ text: string }>(
      'SELECT row_to_json(k)::text AS text FROM api_key k WHERE key_id = $1',
      [key_id],
    );
    expect(row?.text).not.toContain(api_key.slice('kz_live_'.length, 20));
  });

  it.each([
    'UPDATE api_key SET revoked_at = NULL',
    'DELETE FROM api_key',
    'UPDATE api_key SET scopes = scopes',
    'UPDATE program SET program_id = program_id',
    'DELETE FROM program',
    'UPDATE program_settings_history SET actor = actor',
    'DELETE FROM program_settings_history',
    'TRUNCATE program_settings_history',
  ])('cannot be widened by the running service: %s', async (sql) => {
    await expect(gateway.room.database.query(sql)).rejects.toThrow('permission denied');
  });
});
