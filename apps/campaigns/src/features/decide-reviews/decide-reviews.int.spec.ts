import { eventually } from '@kizuna/testing';
import { instant } from '@kizuna/kernel';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { ReviewsRepository } from '../../storage/reviews.repository.js';
import { line, TestCampaigns } from '../../testing/test-campaigns.js';
import { ruleOnReview } from './rule-on-review.js';

interface Review {
  readonly review_id: string;
  readonly state: string;
  readonly decided_by: string | null;
  readonly decision_reason: string | null;
}

describe('reviews', () => {
  const late = '2027-03-01T10:00:00+09:00';
  const now = '2027-05-10T00:00:00+09:00';
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start(now, { max_award: 1_000 });
    await shop.hasRule({
      code: 'BASE',
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    });
    await shop.hasRule({
      code: 'CAPPED',
      cap: { units: 100 },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'g', mode: 'additive' },
    });
    await shop.hasRule({
      code: 'REVIEW',
      trigger: 'engagement',
      activity: 'review',
      reward: { kind: 'fixed', units: 30 },
      cap: { awards: 1 },
      line_filter: undefined,
    });
  });
  afterAll(() => shop?.stop());

  const rule = (id: string, verdict: 'release' | 'refuse', reason = 'looked at it') =>
    shop.post(`/v1/reviews/${encodeURIComponent(id)}/${verdict}`, { reason });
  const purchase = (orderId: string) =>
    shop.reads<{
      state: string;
      awards: { rule: string; amount: number; clawback_total: number }[];
      refunds: { state: string; reason?: string }[];
      no_awards: { reason: string }[];
    }>(`/v1/purchases/${orderId}`);

  it('lists what waits, longest first, and reads one', async () => {
    await shop.sends(
      'purchase-events',
      shop.purchase('ann', 'a1', late, [line(5_000)]),
      shop.purchase('ann', 'a2', '2027-05-09T10:00:00+09:00', [line(150_000)]),
    );
    await purchase('a2');
    const { items } = await shop.reads<{ items: Review[] }>('/v1/reviews?state=open');
    expect(items.map(({ review_id }) => review_id).sort()).toEqual(['purchase:a1', 'purchase:a2']);
    expect(await shop.reads('/v1/reviews/purchase:a1')).toMatchObject({
      kind: 'purchase',
      order_id: 'a1',
      member_id: 'ann',
      reason: 'late',
      state: 'open',
      decided_at: null,
      would_give: [
        { rule: 'BASE', amount: 50 },
        { rule: 'CAPPED', amount: 50 },
      ],
    });
    expect(await shop.get('/v1/reviews?state=done')).toMatchObject({ status: 400 });
    const page = await shop.reads<{ items: Review[]; next_cursor: string }>('/v1/reviews?state=open&limit=1');
    const rest = await shop.reads<{ items: Review[] }>(
      `/v1/reviews?state=open&limit=1&cursor=${page.next_cursor}`,
    );
    expect([...page.items, ...rest.items]).toEqual(items);
  });

  it('a released late purchase earns with the rules of its time, and its refunds that waited are applied', async () => {
    await shop.sends(
      'purchase-events',
      shop.refund('ann', 'a1', 'r1', '2027-05-09T10:00:00+09:00', { amount_minor: 2_500 }),
    );
    await eventually(async () =>
      expect((await purchase('a1')).refunds).toMatchObject([{ state: 'waiting' }]),
    );

    const { status, body } = await rule('purchase:a1', 'release', 'the till was offline');
    expect([status, body]).toMatchObject([
      200,
      {
        state: 'released',
        decided_by: 'key:test',
        decision_reason: 'the till was offline',
        decided_at: '2027-05-09T15:00:00.000Z',
      },
    ]);
    expect(await purchase('a1')).toMatchObject({
      state: 'decided',
      awards: [
        { rule: 'BASE', amount: 50, clawback_total: 25 },
        { rule: 'CAPPED', amount: 50, clawback_total: 25 },
      ],
      refunds: [{ state: 'applied' }],
    });
    await eventually(async () =>
      expect((await shop.published('ann')).map(({ type }) => type.split('.')[2])).toEqual([
        'granted',
        'granted',
        'clawed-back',
        'clawed-back',
      ]),
    );
  });

  it('the same ruling again changes nothing, the other one comes too late', async () => {
    expect(await rule('purchase:a1', 'release', 'again')).toMatchObject({
      status: 200,
      body: { state: 'released', decision_reason: 'the till was offline' },
    });
    expect(await rule('purchase:a1', 'refuse')).toMatchObject({
      status: 409,
      body: { code: 'already_decided', state: 'released' },
    });
    expect((await shop.published('ann')).filter(({ type }) => type.includes('granted'))).toHaveLength(2);
  });

  it('a released award above the limit is granted as it is, and the explanation agrees', async () => {
    expect((await rule('purchase:a2', 'release')).status).toBe(200);
    const decided = await purchase('a2');
    expect(decided).toMatchObject({
      state: 'decided',
      awards: [
        { rule: 'BASE', amount: 1_500, explanation: { amount: 1_500 } },
        { rule: 'CAPPED', amount: 100, explanation: { reason: 'cap_partly' } },
      ],
    });
  });

  it('a refused purchase never earns, whatever comes', async () => {
    await shop.sends('purchase-events', shop.purchase('bob', 'b1', late, [line(5_000)]));
    await purchase('b1');
    expect((await rule('purchase:b1', 'refuse', 'not ours')).body).toMatchObject({ state: 'refused' });
    await shop.sends(
      'purchase-events',
      shop.purchase('bob', 'b1', late, [line(5_000)]),
      shop.refund('bob', 'b1', 'r1', '2027-05-09T10:00:00+09:00', { full: true }),
    );
    await eventually(async () =>
      expect((await purchase('b1')).refunds).toMatchObject([{ state: 'applied' }]),
    );
    expect(await purchase('b1')).toMatchObject({
      state: 'refused',
      awards: [],
      no_awards: [{ reason: 'review_refused' }],
    });
    expect(await shop.published('bob')).toEqual([]);
  });

  it('a late refund takes nothing back before it is released', async () => {
    await shop.sends(
      'purchase-events',
      shop.purchase('cat', 'c1', '2027-05-01T10:00:00+09:00', [line(5_000)]),
      shop.refund('cat', 'c1', 'r1', late, { full: true }),
      shop.refund('cat', 'c1', 'r2', late, { amount_minor: 100 }),
    );
    await eventually(async () =>
      expect((await purchase('c1')).refunds).toMatchObject([{ state: 'review' }, { state: 'review' }]),
    );
    expect((await rule('refund:c1:r2', 'refuse')).status).toBe(200);
    expect((await rule('refund:c1:r1', 'release')).status).toBe(200);
    expect(await purchase('c1')).toMatchObject({
      awards: [{ clawback_total: 50 }, { clawback_total: 50 }],
      refunds: [{ state: 'applied' }, { state: 'rejected', reason: 'refused' }],
    });
  });

  it('a released engagement earns what its cap leaves', async () => {
    const of = (id: string) =>
      shop.reads<{ state: string; awards: object[]; no_awards: object[] }>(`/v1/engagements/${id}`);
    await shop.sends(
      'engagement-events',
      shop.engagement('dan', 'd1', 'review', late),
      shop.engagement('dan', 'd2', 'review', late),
    );
    await of('d2');
    expect((await rule('engagement:d1', 'release')).status).toBe(200);
    expect((await rule('engagement:d2', 'release')).status).toBe(200);
    expect(await of('d1')).toMatchObject({ state: 'decided', awards: [{ amount: 30 }] });
    expect(await of('d2')).toMatchObject({
      state: 'decided',
      awards: [],
      no_awards: [{ reason: 'cap_reached' }],
    });
  });

  it('two that release at once grant once; ten releases of one member never pass the cap', async () => {
    const orders = Array.from({ length: 10 }, (_, i) => `race${i}`);
    await shop.sends('purchase-events', ...orders.map((id) => shop.purchase('eve', id, late, [line(3_000)])));
    for (const id of orders) await purchase(id);
    const answers = await Promise.all([...orders, ...orders].map((id) => rule(`purchase:${id}`, 'release')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [sums] = await shop.room.database.query<{ base: string; capped: string }>(
      `SELECT sum(amount) FILTER (WHERE rule = 'BASE') AS base, sum(amount) FILTER (WHERE rule = 'CAPPED') AS capped
       FROM award WHERE member_id = 'eve'`,
    );
    expect(sums).toEqual({ base: '300', capped: '100' });
  });

  it('purchases that arrive while others are released never pass the cap together', async () => {
    const held = Array.from({ length: 8 }, (_, i) => `held${i}`);
    const march = '2027-04-11T10:00:00+09:00';
    // 29 days before: late by one day of a window that is made shorter for it.
    await shop.changeSettings({ max_award: 1_000, late_window_days: 20 });
    await shop.sends('purchase-events', ...held.map((id) => shop.purchase('fay', id, march, [line(2_000)])));
    for (const id of held) await purchase(id);
    await shop.changeSettings({ max_award: 1_000 });
    const fresh = Array.from({ length: 8 }, (_, i) => `fresh${i}`);
    await Promise.all([
      ...held.map((id) => rule(`purchase:${id}`, 'release')),
      ...fresh.map((id) => shop.sends('purchase-events', shop.purchase('fay', id, march, [line(2_000)]))),
    ]);
    for (const id of [...held, ...fresh]) expect((await purchase(id)).state).toBe('decided');
    const [sum] = await shop.room.database.query<{ capped: string; awards: number }>(
      `SELECT sum(amount) AS capped, count(*)::int AS awards FROM award WHERE member_id = 'fay' AND rule = 'CAPPED'`,
    );
    expect(sum).toEqual({ capped: '100', awards: 5 });
  });

  it('a release that breaks off half-way has changed nothing, and can be asked for again', async () => {
    await shop.sends('purchase-events', shop.purchase('gus', 'g1', late, [line(5_000)]));
    await purchase('g1');
    const { database } = shop.room;
    const reviews = new ReviewsRepository(database, new ProgramsRepository(database));
    const ruling = { verdict: 'released', reason: 'x', by: 'key:test', at: instant(now) } as const;
    const breaking = reviews.decide(shop.program, 'purchase:g1', ruling, async (tx, review, program) => {
      await ruleOnReview(tx, review, program, () => undefined);
      throw new Error('the process ends here');
    });
    await expect(breaking).rejects.toThrow('the process ends here');
    expect(await shop.reads('/v1/reviews/purchase:g1')).toMatchObject({ state: 'open' });
    expect(await purchase('g1')).toMatchObject({ state: 'review', awards: [] });

    expect((await rule('purchase:g1', 'release')).status).toBe(200);
    expect((await purchase('g1')).awards).toMatchObject([{ amount: 50 }, { amount: 50 }]);
  });

  it('asks for a reason, and shows nothing of another program', async () => {
    expect((await rule('purchase:a1', 'release', ' ')).status).toBe(400);
    expect((await rule('purchase:none', 'release')).status).toBe(404);
    const stranger = await shop.stranger();
    expect((await shop.room.get('/v1/reviews/purchase:a1', stranger)).status).toBe(404);
    expect((await shop.room.post('/v1/reviews/purchase:a1/release', stranger, { reason: 'x' })).status).toBe(
      404,
    );
    expect((await shop.room.get('/v1/reviews', stranger)).body).toMatchObject({ items: [] });
  });
});
