import { eventually } from '@kizuna/testing';
import { line, TestCampaigns } from '../../testing/test-campaigns.js';

interface Item {
  readonly at: string;
  readonly kind: string;
  readonly id: string;
  readonly cursor: string;
  readonly [fact: string]: unknown;
}
interface Page {
  readonly items: readonly Item[];
  readonly next?: string;
}

describe('what happened to a member', () => {
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start('2027-05-10T00:00:00+09:00');
    await shop.hasRule({
      code: 'BASE',
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    });
    await shop.hasRule({
      code: 'REVIEW',
      trigger: 'engagement',
      activity: 'review',
      reward: { kind: 'fixed', units: 30 },
      line_filter: undefined,
    });
    await shop.sends(
      'purchase-events',
      shop.purchase('ann', 'a1', '2027-05-01T10:00:00+09:00', [line(1980), line(3500)]),
      shop.purchase('ann', 'a2', '2027-05-01T10:00:00+09:00', [line(1000)]),
      shop.purchase('ann', 'a2', '2027-05-01T10:00:00+09:00', [line(9000)]),
      shop.refund('ann', 'a1', 'r1', '2027-05-03T10:00:00+09:00', {
        lines: [{ line_id: '2', amount_minor: 1750 }],
      }),
      shop.refund('ann', 'a9', 'r1', '2027-05-04T10:00:00+09:00', { full: true }),
      shop.purchase('ann', 'old', '2027-02-01T10:00:00+09:00', [line(1000)]),
      shop.purchase('bob', 'b1', '2027-05-01T10:00:00+09:00', [line(1000)]),
    );
    await shop.sends(
      'engagement-events',
      shop.engagement('ann', 'e1', 'review', '2027-05-02T10:00:00+09:00'),
    );
    await shop.reads('/v1/purchases/old');
    await shop.reads('/v1/purchases/b1');
    await shop.reads('/v1/engagements/e1');
  });
  afterAll(() => shop?.stop());

  const page = (query = ''): Promise<Page> => shop.reads(`/v1/members/ann/activity${query}`);

  it('is told newest first, from every side', async () => {
    const { items, next } = await page();
    expect(next).toBeUndefined();
    expect(
      items.map(({ kind, id }) => [kind, id.replace(/[0-9a-f]{64}/, 'HASH').replace(/[0-9a-f-]{36}/, 'ID')]),
    ).toEqual([
      ['waiting', 'refund:a9:r1'],
      ['refund', 'refund:a1:r1'],
      ['clawback', 'clawback:ID:r1'],
      ['engagement', 'engagement:e1'],
      ['award', 'award:ID'],
      ['purchase', 'purchase:a2'],
      ['purchase', 'purchase:a1'],
      ['conflict', 'conflict:purchase:a2:HASH'],
      ['award', 'award:ID'],
      ['award', 'award:ID'],
      ['review', 'review:purchase:old'],
      ['purchase', 'purchase:old'],
    ]);
    expect(items[2]).toMatchObject({ rule: 'BASE', amount: 17, clawback_total: 17, order_id: 'a1' });
    expect(items[4]).toMatchObject({
      rule: 'REVIEW',
      amount: 30,
      award_kind: 'engagement',
      business_ref: 'e1',
    });
    expect(items[6]).toMatchObject({ order_id: 'a1', state: 'decided', currency: 'JPY', paid_minor: 5480 });
    expect(items[10]).toMatchObject({ reason: 'late', state: 'open' });
  });

  it('comes whole in pages of any size, from the place of any item', async () => {
    const all = (await page()).items;
    for (const limit of [1, 2, 3, 5]) {
      const found: Item[] = [];
      let query = `?limit=${limit}`;
      for (let left = 20; left > 0; left -= 1) {
        const { items, next } = await page(query);
        found.push(...items);
        if (next === undefined) break;
        query = `?limit=${limit}&before=${next}`;
      }
      expect(found).toEqual(all);
    }
    expect((await page(`?before=${all[6]?.cursor}`)).items).toEqual(all.slice(7));
  });

  it('is nobody else’s, and refuses a place that is none', async () => {
    const answer = await shop.room.get('/v1/members/ann/activity', await shop.stranger());
    expect(answer.body).toEqual({ items: [] });
    for (const before of ['x', Buffer.from('[1e99,"a"]').toString('base64url')])
      expect(await shop.get(`/v1/members/ann/activity?before=${before}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_cursor' },
      });
  });

  it('the clock of the room says which settings it has', async () => {
    expect(await shop.reads('/v1/clock')).toEqual({
      clock_at: '2027-05-10T00:00:00+09:00',
      settings_revision: 1,
      settled: true,
    });
    await shop.changeSettings({ clock_at: '2027-05-11T00:00:00+09:00' });
    await eventually(async () =>
      expect(await shop.reads('/v1/clock')).toMatchObject({ settings_revision: 2 }),
    );
    expect((await shop.room.get('/v1/clock', await shop.stranger())).status).toBe(404);
  });
});
