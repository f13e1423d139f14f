import { Database, migrate } from '@kizuna/database';
import { createDatabase, dropDatabase } from '@kizuna/testing';
import { migrations } from './index.js';

const [first, ...later] = migrations;
const paid = (...lines: readonly number[]): string =>
  JSON.stringify(lines.map((minor, i) => [String(i + 1), minor, minor]));

describe('an installation from before there were reviews', () => {
  it('comes along with sound values', async () => {
    const urls = await createDatabase('campaigns', first ? [first] : []);
    const database = await Database.connect({
      url: urls.ownerUrl,
      schema: 'campaigns',
      applicationName: 'kizuna-test',
      poolSize: 2,
    });
    try {
      await database.query(
        `INSERT INTO program (program_id, settings_revision, settings, rule_set_revision) VALUES ('p', 3, '{"revision": 3}', 1)`,
      );
      const order = (id: string, state: string, lines: string, reason: string | null = null) =>
        database.query(
          `INSERT INTO purchase (program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency, occurred_at,
                                 received_at, rule_set_revision, lines, facts)
           VALUES ('p', $1, $2, $3, 'ann', 'purchase:' || $1, 'h', 'JPY', '2027-04-01', '2027-04-02', 1, $4, '{}')`,
          [id, state, reason, lines],
        );
      const refund = (orderId: string, id: string, amounts: object, state = 'applied') =>
        database.query(
          `INSERT INTO refund (program_id, order_id, refund_id, state, reason, member_id, event_id, data_hash, currency, occurred_at,
                               received_at, over_minor, amounts, arrival)
           VALUES ('p', $1, $2, $3, CASE $3 WHEN 'review' THEN 'late' END, 'ann', 'e', 'h', 'JPY', '2027-04-03', '2027-04-04', 0, $4, 0)`,
          [orderId, id, state, JSON.stringify(amounts)],
        );
      await order('kept', 'decided', paid(100, 200));
      await order('part', 'decided', paid(100, 200));
      await refund('part', 'r1', { lines: [{ line_id: '1', amount_minor: 500 }] });
      await refund('part', 'r2', { amount_minor: 199 });
      await order('full', 'decided', paid(100, 200));
      await refund('full', 'r1', { full: true });
      await order('sum', 'decided', paid(100, 200));
      await refund('sum', 'r1', {
        lines: [
          { line_id: '1', amount_minor: 60 },
          { line_id: '2', amount_minor: 200 },
        ],
      });
      await refund('sum', 'r2', { amount_minor: 40 });
      await order('not-yet', 'decided', paid(100));
      await refund('not-yet', 'r1', { full: true }, 'review');
      await order('old', 'review', paid(100), 'late');
      await database.query(
        `INSERT INTO purchase_conflict (program_id, order_id, event_id, data_hash, received_at)
         VALUES ('p', 'kept', 'purchase:kept', 'other', '2027-04-05')`,
      );

      await migrate({
        url: urls.ownerUrl,
        schema: 'campaigns',
        migrations: [...(first ? [first] : []), ...later],
      });

      const cancelled = await database.query<{ order_id: string }>(
        'SELECT order_id FROM purchase WHERE is_cancelled ORDER BY order_id',
      );
      expect(cancelled.map(({ order_id }) => order_id)).toEqual(['full', 'sum']);
      const reviews = await database.query<Record<string, unknown>>(
        'SELECT review_id, kind, business_ref, refund_id, member_id, reason, state FROM review ORDER BY review_id',
      );
      const common = { member_id: 'ann', reason: 'late', state: 'open' };
      expect(reviews).toEqual([
        { review_id: 'purchase:old', kind: 'purchase', business_ref: 'old', refund_id: null, ...common },
        {
          review_id: 'refund:not-yet:r1',
          kind: 'refund',
          business_ref: 'not-yet',
          refund_id: 'r1',
          ...common,
        },
      ]);
      expect(await database.query('SELECT member_id FROM purchase_conflict')).toEqual([{ member_id: 'ann' }]);
      expect(await database.query('SELECT revision FROM program_settings')).toEqual([{ revision: 3 }]);
    } finally {
      await database.close();
      await dropDatabase(urls);
    }
  });
});
