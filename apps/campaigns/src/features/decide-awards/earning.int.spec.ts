import { eventually } from '@kizuna/testing';
import { line, TestCampaigns } from '../../testing/test-campaigns.js';

interface Status {
  readonly state: string;
  readonly awards: readonly {
    rule: string;
    amount: number;
    clawback_total: number;
    release_at: string | null;
    expires_at: string | null;
    explanation: { text: { en: string; ja: string }; exact_units: string };
  }[];
  readonly no_awards: readonly { rule: string; reason: string; text: { en: string; ja: string } }[];
}

/** The scene of the demo, by the rules alone. Times of Tokyo. */
describe('the month at Komorebi', () => {
  const first = [line(1980), line(3500, 'ware')];
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start('2027-04-30T00:00:00+09:00', {
      return_window_days: 14,
      wallets: [
        { wallet: 'points', expiry: { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' } },
      ],
    });
    await shop.hasRule({
      code: 'BASE',
      label: '1 point per ¥100',
      label_ja: '100円ごとに1ポイント',
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    });
    await shop.hasRule({
      code: 'TEA-WEEKEND',
      label: 'Double on tea at weekends',
      label_ja: '土日はお茶2倍',
      conditions: [{ label: 'Saturday or Sunday', label_ja: '土日', expression: 'time.weekday >= 6' }],
      line_filter: { categories: ['tea'] },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'campaign', mode: 'best' },
    });
    await shop.hasRule({
      code: 'FIRST',
      conditions: [{ label: 'first purchase', expression: 'member.is_first_purchase' }],
      minimum_eligible_minor: 2_000,
      reward: { kind: 'fixed', units: 200 },
    });
    await shop.hasRule({
      code: 'BIG',
      minimum_eligible_minor: 10_000,
      reward: { kind: 'fixed', units: 300 },
    });
    await shop.hasRule({
      code: 'TEA-CAPPED',
      line_filter: { categories: ['capped'] },
      cap: { units: 100 },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'capped', mode: 'additive' },
    });
  });
  afterAll(() => shop?.stop());

  const status = (orderId: string): Promise<Status> => shop.reads(`/v1/purchases/${orderId}`);
  const given = ({ awards }: Status): Record<string, number> =>
    Object.fromEntries(awards.map(({ rule, amount }) => [rule, amount]));

  it('gives a first purchase on a Friday its welcome, and says why it is no weekend', async () => {
    await shop.sends('purchase-events', shop.purchase('ann', 'a1', '2027-04-02T10:00:00+09:00', first));
    const decided = await status('a1');
    expect(given(decided)).toEqual({ BASE: 54, FIRST: 200 });
    expect(decided.no_awards.find(({ rule }) => rule === 'TEA-WEEKEND')).toMatchObject({
      reason: 'condition_not_met',
      condition: { label: 'Saturday or Sunday', label_ja: '土日' },
      text: {
        en: 'Double on tea at weekends: nothing, because “Saturday or Sunday” does not hold.',
        ja: '土日はお茶2倍:条件「土日」に当てはまらないため、付与はありません。',
      },
    });
    expect(decided.awards.find(({ rule }) => rule === 'BASE')).toMatchObject({
      release_at: '2027-04-16T15:00:00.000Z',
      expires_at: '2028-04-30T15:00:00.000Z',
      explanation: {
        exact_units: '274/5',
        text: { en: '1 point per ¥100: 54 points, 1 per ¥100 of ¥5,480.' },
      },
    });
  });

  it('decides orders of one chunk one after the other, each once', async () => {
    const second = shop.purchase('ann', 'a2', '2027-04-03T10:00:00+09:00', first);
    const big = [line(6800, 'ware', 2), line(2400, 'tea', 3)];
    await shop.sends(
      'purchase-events',
      second,
      second,
      second,
      shop.purchase('bea', 'b1', '2027-04-05T10:00:00+09:00', big),
      shop.purchase('bea', 'b2', '2027-04-05T11:00:00+09:00', big),
    );
    expect(given(await status('b2'))).toEqual({ BASE: 208, BIG: 300 });
    expect(given(await status('b1'))).toEqual({ BASE: 208, BIG: 300, FIRST: 200 });
    expect(given(await status('a2'))).toEqual({ BASE: 54, 'TEA-WEEKEND': 20 });
  });

  it('takes a teapot back, and counts a member whose every order came back as new', async () => {
    const at = '2027-04-12T10:00:00+09:00';
    await shop.sends(
      'purchase-events',
      shop.refund('bea', 'b2', 'r1', at, { lines: [{ line_id: '1', amount_minor: 6800 }] }),
      shop.refund('bea', 'b1', 'r1', at, { full: true }),
      shop.refund('bea', 'b2', 'r2', at, { full: true }),
      shop.purchase('bea', 'b3', at, first),
    );
    expect(given(await status('b3'))).toEqual({ BASE: 54, FIRST: 200 });
    const events = await eventually(async () => {
      const all = (await shop.published('bea')).filter(({ type }) => type === 'kizuna.award.clawed-back.v1');
      expect(all.length).toBeGreaterThanOrEqual(6);
      return all;
    });
    expect(events[0]?.data).toMatchObject({ clawback_total: 68, business_ref: 'b2', policy: 'negative' });
  });

  it('publishes an award with its label, its release and its expiry', async () => {
    const events = await eventually(async () => {
      const all = await shop.published('ann');
      expect(all).toHaveLength(4);
      return all;
    });
    expect(events.map(({ data }) => [data['rule'], data['amount'], data['kind']])).toEqual([
      ['BASE', 54, 'purchase'],
      ['FIRST', 200, 'purchase'],
      ['BASE', 54, 'purchase'],
      ['TEA-WEEKEND', 20, 'purchase'],
    ]);
    expect(events[0]?.data).toMatchObject({
      rule_label: '1 point per ¥100',
      rule_label_ja: '100円ごとに1ポイント',
      release_at: '2027-04-16T15:00:00.000Z',
      expires_at: '2028-04-30T15:00:00.000Z',
    });
  });

  it('fills a monthly cap over orders, counts by the program’s month, and gives room back with a refund', async () => {
    const bag = [line(6000, 'capped')];
    await shop.sends(
      'purchase-events',
      shop.purchase('cat', 'c1', '2027-04-05T10:00:00+09:00', bag),
      shop.purchase('cat', 'c2', '2027-04-06T10:00:00+09:00', bag),
      shop.purchase('cat', 'c3', '2027-04-07T10:00:00+09:00', bag),
      // The last of March in UTC, in Tokyo April already; and one that is March in both.
      shop.purchase('cat', 'c4', '2027-03-31T15:30:00Z', bag),
      shop.purchase('cat', 'c5', '2027-03-31T14:30:00Z', bag),
      shop.refund('cat', 'c1', 'r1', '2027-04-20T10:00:00+09:00', { amount_minor: 3000 }),
      shop.purchase('cat', 'c6', '2027-04-21T10:00:00+09:00', bag),
    );
    await status('c6');
    const capped = await Promise.all(
      ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map(async (id) => given(await status(id))['TEA-CAPPED'] ?? 0),
    );
    expect(capped).toEqual([60, 40, 0, 0, 60, 30]);
    const third = (await status('c3')).no_awards.find(({ rule }) => rule === 'TEA-CAPPED');
    expect(third).toMatchObject({ reason: 'cap_reached', used: { awards: 2, units: 100 }, uncapped: 60 });
  });

  it('explains a decision by the settings that it had', async () => {
    await shop.changeSettings({ rounding: 'ceil', return_window_days: null });
    await shop.sends('purchase-events', shop.purchase('ann', 'a3', '2027-04-06T10:00:00+09:00', first));
    expect(given(await status('a3'))).toEqual({ BASE: 55 });
    const before = await status('a1');
    expect(before.awards[0]).toMatchObject({ amount: 54, explanation: { amount: 54, rounding: 'floor' } });
    expect((await status('a3')).awards[0]).toMatchObject({
      release_at: null,
      explanation: { rounding: 'ceil' },
    });
  });
});
