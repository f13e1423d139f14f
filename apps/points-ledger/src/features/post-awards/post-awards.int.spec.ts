import { deterministicId, instant, memberKey } from '@kizuna/kernel';
import {
  createTopics,
  eventually,
  startRoom,
  TestKeySet,
  times,
  type TestRoom,
  type TestTopics,
} from '@kizuna/testing';
import { migrations } from '../../migrations/index.js';
import { pointsLedger } from '../../points-ledger.module.js';

const at = '2027-04-10T01:00:00.000Z';
const program = 'komorebi';

describe('posting awards', () => {
  let topics: TestTopics;
  let keys: TestKeySet;
  let ledger: TestRoom;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    topics = await createTopics('gateway', 'campaigns', 'points-ledger');
    ledger = await startRoom(pointsLedger, { migrations, topics, environment: { JWKS_URL: keys.url } });
  });

  afterAll(async () => {
    await ledger.stop();
    await keys.stop();
  });

  const awardId = (member: string, order: string): string =>
    deterministicId(instant(at), program, member, order);

  const event = (member: string, id: string, type: string, data: object) => ({
    key: memberKey(program, member),
    value: JSON.stringify({
      specversion: '1.0',
      id,
      source: '/campaigns',
      type,
      time: at,
      subject: member,
      program,
      data: {
        program_id: program,
        member_id: member,
        sequence: 1,
        wallet: 'points',
        occurred_at: at,
        ...data,
      },
    }),
  });

  const granted = (member: string, order: string, amount: number) =>
    event(member, `award:${awardId(member, order)}`, 'kizuna.award.granted.v1', {
      award_id: awardId(member, order),
      kind: 'purchase',
      business_ref: order,
      rule: 'BASE',
      rule_version: 1,
      amount,
      origin: 'purchase',
      funding: 'brand',
      release_at: null,
      expires_at: null,
    });

  const clawedBack = (member: string, order: string, clawback_total: number, refund_id = 'r1') =>
    event(member, `clawback:${awardId(member, order)}:${refund_id}`, 'kizuna.award.clawed-back.v1', {
      award_id: awardId(member, order),
      clawback_total,
      refund_id,
      policy: 'negative',
    });

  const read = async (path: string, programId = program) =>
    ledger.get(path, await keys.authorization(programId, 'points-ledger'));

  const figures = async (member: string) => {
    const { body } = await read(`/v1/members/${member}/wallets/points`);
    const { pending, available, held, debt } = body as Record<string, number>;
    return [pending, available, held, debt];
  };

  const published = async (member: string) =>
    (await topics.events('points-events')).filter(({ subject }) => subject === member);

  it('turns an award into points that can be read at once', async () => {
    await topics.produce('award-events', [granted('ann', '1', 54)]);
    await eventually(async () => expect(await figures('ann')).toEqual([0, 54, 0, 0]));
    expect(
      await eventually(async () => {
        const events = await published('ann');
        expect(events).toHaveLength(1);
        return events[0];
      }),
    ).toMatchObject({
      type: 'kizuna.points.awarded.v1',
      data: { amount: 54, available: 54, sequence: 1, award_id: awardId('ann', '1') },
    });
  });

  it('posts an award once, however often it arrives, in one chunk or in several', async () => {
    const award = granted('bob', '1', 20);
    await topics.produce('award-events', [award, award, award]);
    await eventually(async () => expect(await figures('bob')).toEqual([0, 20, 0, 0]));
    await topics.produce('award-events', [award, granted('bob', '2', 1)]);
    await eventually(async () => expect(await figures('bob')).toEqual([0, 21, 0, 0]));
    await eventually(async () => expect(await published('bob')).toHaveLength(2));
  });

  it('takes back the difference between cumulative totals, and nothing for a repetition or an older total', async () => {
    await topics.produce('award-events', [
      granted('cat', '1', 54),
      clawedBack('cat', '1', 17, 'r1'),
      clawedBack('cat', '1', 34, 'r2'),
      clawedBack('cat', '1', 34, 'r2'),
      clawedBack('cat', '1', 17, 'r1'),
      granted('cat', 'end', 1),
    ]);
    await eventually(async () => expect(await figures('cat')).toEqual([0, 21, 0, 0]));
    const { body } = await read('/v1/members/cat/wallets/points/transfers');
    const { items } = body as { items: Record<string, unknown>[] };
    expect(items.map(({ kind, debit, credit, amount, seq }) => [kind, debit, credit, amount, seq])).toEqual([
      ['award', 'issued', 'available', 1, 4],
      ['clawback', 'available', 'clawed_back', 17, 3],
      ['clawback', 'available', 'clawed_back', 17, 2],
      ['award', 'issued', 'available', 54, 1],
    ]);
  });

  it('keeps lots, transfers, wallets and system accounts in agreement', async () => {
    const awards = Array.from({ length: 300 }, (_, i) => granted(`m${i % 7}`, String(i), 10 + i));
    await topics.produce('award-events', awards);
    await topics.produce('award-events', [clawedBack('m0', '0', 4), granted('m0', 'end', 5)]);
    await eventually(async () => {
      const rows = await ledger.database.query<{ count: string }>(
        `SELECT count(*) FROM lot WHERE member_id ~ '^m[0-6]$'`,
      );
      expect(Number(rows[0]?.count)).toBe(301);
    });
    const disagreements = await ledger.database.query(`
      SELECT w.member_id FROM wallet w
      LEFT JOIN LATERAL (SELECT coalesce(sum(remaining), 0) AS remaining FROM lot l
                         WHERE (l.program_id, l.member_id, l.wallet) = (w.program_id, w.member_id, w.wallet)) l ON true
      LEFT JOIN LATERAL (SELECT sum(CASE credit WHEN 'available' THEN amount ELSE 0 END)
                                - sum(CASE debit WHEN 'available' THEN amount ELSE 0 END) AS moved,
                                count(*) AS transfers, count(DISTINCT seq) AS seqs, max(seq) AS last
                         FROM transfer t WHERE (t.program_id, t.member_id, t.wallet) = (w.program_id, w.member_id, w.wallet)) t
        ON true
      WHERE w.available <> l.remaining OR w.available <> t.moved OR t.transfers <> w.seq OR t.seqs <> w.seq OR t.last <> w.seq`);
    expect(disagreements).toEqual([]);
    const [sums] = await ledger.database.query<{ wallets: string; system: string }>(`
      SELECT (SELECT sum(available) FROM wallet) AS wallets, (SELECT sum(amount) FROM system_account_delta) AS system`);
    expect(Number(sums?.wallets) + Number(sums?.system)).toBe(0);
  });

  it('cannot change or delete a transfer, even as owner', async () => {
    await expect(ledger.database.query('UPDATE transfer SET amount = amount + 1')).rejects.toThrow(
      'permission denied',
    );
    await expect(ledger.database.query('DELETE FROM transfer')).rejects.toThrow('permission denied');
    const { Database } = await import('@kizuna/database');
    const owner = await Database.connect({
      url: ledger.urls.ownerUrl,
      schema: 'points_ledger',
      applicationName: 'test',
    });
    await expect(owner.query('UPDATE transfer SET amount = amount + 1')).rejects.toThrow(
      'transfers are never changed',
    );
    await expect(owner.query('DELETE FROM transfer')).rejects.toThrow('transfers are never changed');
    await owner.close();
  });

  it('shows nothing of another program', async () => {
    expect((await read('/v1/members/ann/wallets', 'another')).status).toBe(404);
    expect((await read(`/v1/transfers/${awardId('ann', '1')}`)).status).toBe(200);
    expect((await read(`/v1/transfers/${awardId('ann', '1')}`, 'another')).status).toBe(404);
  });

  it('pages through transfers with a cursor that cannot be altered', async () => {
    await eventually(async () => expect((await figures('m1'))[1]).toBeGreaterThan(0));
    const seen: number[] = [];
    let path = '/v1/members/m1/wallets/points/transfers?limit=20';
    for (;;) {
      const { body } = await read(path);
      const { items, next_cursor } = body as { items: { seq: number }[]; next_cursor: string | null };
      seen.push(...items.map(({ seq }) => seq));
      if (!next_cursor) break;
      path = `/v1/members/m1/wallets/points/transfers?limit=20&cursor=${next_cursor}`;
      expect((await read(path.replace('m1', 'm2'))).status).toBe(400);
      expect((await read(`${path}x`)).status).toBe(400);
    }
    expect(seen).toEqual(Array.from({ length: 43 }, (_, i) => 43 - i));
    expect((await read('/v1/members/m1/wallets/points/transfers?limit=1000')).status).toBe(400);
  });

  it('survives readers and writers at once without a difference', async () => {
    const awards = Array.from({ length: 50 }, (_, i) => granted('zoe', String(i), 1));
    await times(5, () => topics.produce('award-events', awards));
    await eventually(async () => expect(await figures('zoe')).toEqual([0, 50, 0, 0]));
    await topics.produce('award-events', [granted('zoe', 'end', 1)]);
    await eventually(async () => expect(await figures('zoe')).toEqual([0, 51, 0, 0]));
  });

  it('refuses a missing, foreign or expired token', async () => {
    expect((await ledger.get('/v1/members/ann/wallets', '')).status).toBe(401);
    const foreign = await keys.authorization(program, 'campaigns');
    expect((await ledger.get('/v1/members/ann/wallets', foreign)).status).toBe(401);
    const other = await TestKeySet.start();
    const forged = await other.authorization(program, 'points-ledger');
    expect((await ledger.get('/v1/members/ann/wallets', forged)).status).toBe(401);
    await other.stop();
    const narrow = await keys.authorization(program, 'points-ledger', ['rules:read']);
    expect((await ledger.get('/v1/members/ann/wallets', narrow)).status).toBe(403);
  });
});
