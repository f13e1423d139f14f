import { Database, migrate, schemaOf } from '@kizuna/database';
import { createDatabase, dropDatabase } from '@kizuna/testing';
import { ruleVersions } from '../storage/rule-versions.js';
import { Orders1764000000001 } from './1764000000001-orders.js';
import { migrations } from './index.js';

describe('the rules of an installation that is upgraded', () => {
  it('are in force as before, and the version before it can go on entering its own', async () => {
    const urls = await createDatabase('campaigns', [Orders1764000000001]);
    const schema = schemaOf('campaigns');
    const database = await Database.connect({ url: urls.runtimeUrl, schema, applicationName: 'kizuna-test' });
    const enterAsBefore = (code: string) =>
      database.query(
        `INSERT INTO earning_rule (program_id, code, version, label, trigger, wallet, priority, line_filter, reward,
                                   valid_from, valid_to, created_by, rule_set_revision)
         VALUES ('shop', $1, 1, 'one per 100', 'purchase', 'points', 3, '{"skus": ["x"]}',
                 '{"kind": "base_rate", "rates": []}', '2026-01-01T00:00:00Z', NULL, 'key:old', 1)`,
        [code],
      );
    try {
      await database.query(
        `INSERT INTO program (program_id, settings_revision, settings) VALUES ('shop', 1, '{}')`,
      );
      await enterAsBefore('OLD');
      const { ownerUrl } = urls;
      expect(await migrate({ url: ownerUrl, schema, migrations })).toContain('Rules1764000000003');
      await enterAsBefore('OLDER-INSTANCE');

      const versions = await ruleVersions(database, 'shop');
      expect(versions.map(({ code }) => code)).toEqual(['OLD', 'OLDER-INSTANCE']);
      expect(versions[0]).toEqual({
        code: 'OLD',
        version: 1,
        label: 'one per 100',
        labelJa: undefined,
        trigger: { kind: 'purchase' },
        wallet: 'points',
        priority: 3,
        conditions: [],
        lineFilter: { skus: ['x'] },
        minimumEligible: undefined,
        reward: { kind: 'base_rate', rates: [] },
        cap: undefined,
        pending: undefined,
        expiry: undefined,
        state: 'active',
        validFrom: Date.parse('2026-01-01T00:00:00Z'),
        validTo: undefined,
        ruleSetRevision: 1,
      });
    } finally {
      await database.close();
      await dropDatabase(urls);
    }
  });
});
