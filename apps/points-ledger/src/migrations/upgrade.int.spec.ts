import { Database, migrate, schemaOf } from '@kizuna/database';
import { DAY, deterministicId, formatInstant, memberKey } from '@kizuna/kernel';
import {
  createDatabase,
  createTopics,
  dropDatabase,
  eventually,
  startRoom,
  TestKeySet,
} from '@kizuna/testing';
import { pointsLedger } from '../points-ledger.module.js';
import { tokyo } from '../testing/test-ledger.js';
import { Ledger1764000000001 } from './1764000000001-ledger.js';
import { Balances1764000000002 } from './1764000000002-balances.js';
import { migrations } from './index.js';

const program = 'komorebi';
const at = tokyo('2027-04-10T10:00:00');
const [whole, partly] = ['1', '2'].map((ref) => deterministicId(at, program, 'ann', ref));

describe('an installation of the version before', () => {
  it('keeps its balances and goes on from them', async () => {
    const urls = await createDatabase('points-ledger', [Ledger1764000000001]);
    const owner = await Database.connect({
      url: urls.ownerUrl,
      schema: 'points_ledger',
      applicationName: 'test',
    });
    // As that version had written an award of 54, one of 20, and a clawback of 17.
    await owner.query(`SELECT ensure_partition('transfer', 'y2027m04', $1, $2)`, [
      '0197d000-0000-0000-0000-000000000000',
      '01b00000-0000-0000-0000-000000000000',
    ]);
    await owner.query(
      `INSERT INTO wallet (program_id, member_id, wallet, available, awarded_total, clawed_back_total, seq)
       VALUES ($1, 'ann', 'points', 57, 74, 17, 3)`,
      [program],
    );
    const lot = `INSERT INTO lot (program_id, member_id, wallet, lot_id, amount, remaining, clawed_back, is_pending,
                                  occurred_at, origin, funding, business_ref)
                 VALUES ($1, 'ann', 'points', $2, $3, $4, $5, false, $6, 'purchase', 'brand', $7)`;
    await owner.query(lot, [program, partly, 54, 37, 17, new Date(at), '2']);
    await owner.query(lot, [program, whole, 20, 20, 0, new Date(at), '1']);
    await owner.close();

    expect(await migrate({ url: urls.ownerUrl, schema: schemaOf('points-ledger'), migrations })).toEqual([
      'Balances1764000000002',
      'LastActivity1764000000003',
      'Labels1764000000004',
      'Books1764000000005',
    ]);
    const keys = await TestKeySet.start();
    const topics = await createTopics('gateway', 'campaigns', 'points-ledger');
    const room = await startRoom(pointsLedger, {
      migrations,
      topics,
      shared: urls,
      environment: { JWKS_URL: keys.url },
    });
    const authorization = await keys.authorization(program, 'points-ledger');
    const read = async (path: string) =>
      (await room.get(`/v1/members/ann/wallets/points${path}`, authorization)).body;
    expect(await read('')).toMatchObject({
      pending: 0,
      available: 57,
      debt: 0,
      next_release: null,
      expiring: [],
    });
    expect(await read('/lots')).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          amount: 54,
          remaining: 37,
          clawed_back: 17,
          redeemed: 0,
          expired: 0,
          rule: null,
          rule_label_ja: null,
        }),
      ]),
    });
    const value = JSON.stringify({
      specversion: '1.0',
      id: 'clawback:2',
      source: '/campaigns',
      type: 'kizuna.award.clawed-back.v1',
      time: formatInstant(at),
      program,
      data: {
        program_id: program,
        member_id: 'ann',
        sequence: 4,
        award_id: partly,
        wallet: 'points',
        clawback_total: 54,
        refund_id: 'r2',
        policy: 'negative',
        occurred_at: formatInstant(at),
      },
    });
    await topics.produce('award-events', [{ key: memberKey(program, 'ann'), value }]);
    await eventually(async () => expect(await read('')).toMatchObject({ available: 20, seq: 4 }));
    await room.stop();
    await keys.stop();
    await dropDatabase(urls);
  });

  it('knows when its members were last active', async () => {
    const urls = await createDatabase('points-ledger', [Ledger1764000000001, Balances1764000000002]);
    const connection = { url: urls.ownerUrl, schema: 'points_ledger', applicationName: 'test' };
    const before = await Database.connect(connection);
    const days = (count: number): Date => new Date(at + count * DAY);
    const lot = `INSERT INTO lot (program_id, member_id, wallet, lot_id, amount, remaining, is_pending, occurred_at, origin,
                                  funding, business_ref)
                 VALUES ($1, $2, 'points', gen_random_uuid(), 5, $3, false, $4, $5, 'brand', 'x')`;
    for (const member of ['ann', 'bob', 'cat', 'dan'])
      await before.query(`INSERT INTO wallet (program_id, member_id, wallet) VALUES ($1, $2, 'points')`, [
        program,
        member,
      ]);
    await before.query(lot, [program, 'ann', 5, days(0), 'purchase']);
    // Exhausted, and the latest all the same; a present is nothing that the member did.
    await before.query(lot, [program, 'ann', 0, days(2), 'engagement']);
    await before.query(lot, [program, 'ann', 5, days(9), 'goodwill']);
    await before.query(lot, [program, 'bob', 5, days(0), 'purchase']);
    await before.query(lot, [program, 'dan', 5, days(0), 'goodwill']);
    const redemption = `INSERT INTO redemption (program_id, redemption_id, member_id, wallet, units, request_hash, answer,
                                                refusal, transfer_id, split, decided_at, actor)
                        VALUES ($1, $2, 'bob', 'points', 1, 'x', '{}', $3, $4, $5, $6, 'x')`;
    await before.query(redemption, [program, 'done', null, whole, '[]', days(3)]);
    await before.query(redemption, [program, 'refused', 'in_debt', null, null, days(4)]);
    await before.close();

    expect(await migrate({ url: urls.ownerUrl, schema: schemaOf('points-ledger'), migrations })).toContain(
      'LastActivity1764000000003',
    );
    const after = await Database.connect(connection);
    expect(await after.query('SELECT member_id, last_activity_at FROM wallet ORDER BY member_id')).toEqual([
      { member_id: 'ann', last_activity_at: days(2) },
      { member_id: 'bob', last_activity_at: days(3) },
      { member_id: 'cat', last_activity_at: null },
      { member_id: 'dan', last_activity_at: null },
    ]);
    await after.close();
    await dropDatabase(urls);
  });
});
