import { Database, migrate } from '@kizuna/database';
import { createDatabase, createTopics, dropDatabase, startRoom } from '@kizuna/testing';
import { issueApiKey } from '../credentials/issue-api-key.js';
import { gateway } from '../gateway.module.js';
import { aProgram, signingKeyFile } from '../testing/test-gateway.js';
import { Programs1764000000001 } from './1764000000001-programs.js';
import { migrations } from './index.js';

/** As the first release stored them: none of the settings that came later. */
const settings = {
  ...aProgram(),
  program_id: 'old-shop',
  revision: 1,
  wallets: [{ wallet: 'points' }],
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  max_award: 1_000_000_000,
};

describe('an installation of the first release', () => {
  it('keeps its programs and keys, which get sound values', async () => {
    const urls = await createDatabase('gateway', [Programs1764000000001]);
    const { keyId, apiKey, secretHash } = issueApiKey('live');
    const owner = await Database.connect({
      url: urls.ownerUrl,
      schema: 'gateway',
      applicationName: 'test',
      poolSize: 2,
    });
    const text = JSON.stringify(settings);
    await owner.query('INSERT INTO program (program_id, settings, revision) VALUES ($1, $2, 1)', [
      settings.program_id,
      text,
    ]);
    await owner.query(
      `INSERT INTO program_settings_history (program_id, revision, settings, actor) VALUES ($1, 1, $2, 'operator')`,
      [settings.program_id, text],
    );
    await owner.query(
      `INSERT INTO api_key (key_id, program_id, name, secret_hash, scopes)
       VALUES ($1, $2, 'first', $3, '{settings:read,settings:write,keys:write}')`,
      [keyId, settings.program_id, secretHash],
    );
    await migrate({ url: urls.ownerUrl, schema: 'gateway', migrations });

    const room = await startRoom(gateway, {
      migrations,
      topics: await createTopics('gateway'),
      shared: urls,
      environment: {
        CAMPAIGNS_URL: 'http://127.0.0.1:1',
        POINTS_LEDGER_URL: 'http://127.0.0.1:1',
        SIGNING_KEY_FILE: signingKeyFile(),
      },
    });
    const authorization = `Bearer ${apiKey}`;
    expect(await room.get('/v1/program', authorization)).toMatchObject({
      status: 200,
      body: { revision: 1, return_window_days: null, clawback_policy: 'negative', min_life_days: 90 },
    });
    expect(await room.get('/v1/api-keys', authorization)).toMatchObject({
      body: { items: [{ key_id: keyId, created_by: 'operator', state: 'active', revoked_by: null }] },
    });
    const changed = await fetch(`${room.url}/v1/program`, {
      method: 'PATCH',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ revision: 1, return_window_days: 14 }),
    });
    expect(await changed.json()).toMatchObject({ revision: 2, return_window_days: 14 });
    expect(await room.get('/v1/program/history', authorization)).toMatchObject({
      body: {
        items: [
          { revision: 2, changes: [{ setting: 'return_window_days', from: null, to: 14 }] },
          { revision: 1 },
        ],
      },
    });
    await room.stop();
    await owner.close();
    await dropDatabase(urls);
  });
});
