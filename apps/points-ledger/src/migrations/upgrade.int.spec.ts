import { Database, migrate, schemaOf } from '@kizuna/database';
import { deterministicId, formatInstant, memberKey } from '@kizuna/kernel';
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
      'Labels1764000000004',
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
});
