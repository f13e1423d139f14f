import type { Line, Shop } from './shop.js';
import { useStory, type Story } from './story.js';

const INSTANCES = 2;
const PARALLEL = 200;
const TOKYO_YEAR = { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' };

const line = (price: number, category: string): Line => ({
  sku: `SKU-${price}`,
  unit_price_minor: price,
  category,
});
const BASKET = [line(1_980, 'tea'), line(3_500, 'ware')];
const base = { reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] } };
const multiplier = (multiplier_bp: number, group: string, more = {}) => ({
  reward: { kind: 'multiplier', multiplier_bp, group, mode: 'best' },
  ...more,
});
const fixed = (units: number, more = {}) => ({ reward: { kind: 'fixed', units }, ...more });

const wallets = (expiry: object = { kind: 'never' }) => [{ wallet: 'points', expiry }];

describe('balances and times, over the running services', () => {
  let story: Story;

  useStory(async (started) => {
    story = started;
  }, INSTANCES);

  /** A test program in which the order of E10 earns 88. */
  async function teaShop(
    word: string,
    settings: object = {},
    clockAt = '2027-04-10T10:00:00+09:00',
  ): Promise<Shop> {
    const shop = await story.program(word, {
      clockAt,
      settings: { return_window_days: 14, wallets: wallets(), ...settings },
    });
    await shop.rule('BASE', base);
    await shop.rule('TEA', multiplier(20_000, 'campaign', { line_filter: { categories: ['tea'] } }));
    await shop.rule('BRANCH', multiplier(12_500, 'tier'));
    return shop;
  }

  async function buysE10(shop: Shop, memberId: string, orderId = 'e10'): Promise<void> {
    await shop.buys({ order_id: orderId, member_id: memberId, lines: BASKET });
    await story.settled();
  }

  const returnsCups = async (shop: Shop, memberId: string, at?: string): Promise<void> => {
    const refund = { refund_id: 'r1', member_id: memberId, lines: [{ line_id: '2', amount_minor: 1_750 }] };
    await shop.refunds('e10', refund, at);
    await story.settled();
  };

  it('B1 and B2: pending until the window has passed, and taken back from what is pending', async () => {
    const shop = await teaShop('b1');
    await buysE10(shop, 'ann');
    expect(await shop.wallet('ann')).toEqual([88, 0, 0, 0]);
    const [lot] = await shop.lots('ann');
    expect(Date.parse(lot?.release_at ?? '')).toBe(Date.parse('2027-04-25T00:00:00+09:00'));

    const other = await teaShop('b2');
    await buysE10(other, 'ann');
    await returnsCups(other, 'ann');
    expect(await other.wallet('ann')).toEqual([67, 0, 0, 0]);

    await shop.clockTo('2027-04-24T23:59:59+09:00');
    expect(await shop.wallet('ann')).toEqual([88, 0, 0, 0]);
    await shop.clockTo('2027-04-25T00:00:00+09:00');
    expect(await shop.wallet('ann')).toEqual([0, 88, 0, 0]);
  });

  const spendsThenReturns = async (word: string, clawback_policy: string): Promise<Shop> => {
    const shop = await teaShop(word, { clawback_policy });
    await buysE10(shop, 'ann');
    await shop.clockTo('2027-04-25T00:00:00+09:00');
    expect(await shop.redeems({ redemption_id: 's1', member_id: 'ann', units: 80 })).toMatchObject({
      status: 201,
    });
    await returnsCups(shop, 'ann', '2027-04-25T00:00:00+09:00');
    return shop;
  };

  it('B3 and B4: what is spent is owed, and the next release pays it first', async () => {
    const shop = await spendsThenReturns('b3', 'negative');
    expect(await shop.wallet('ann')).toEqual([0, 0, 0, 13]);
    const inDebt = await shop.redeems({ redemption_id: 's2', member_id: 'ann', units: 1 });
    expect(inDebt).toMatchObject({ status: 422 });

    await shop.buys(
      { order_id: 'next', member_id: 'ann', lines: [line(4_350, 'ware')] },
      '2027-04-25T00:00:00+09:00',
    );
    await story.settled();
    // BASE 43 and BRANCH 11.
    expect(await shop.wallet('ann')).toEqual([54, 0, 0, 13]);
    await shop.clockTo('2027-05-10T00:00:00+09:00');
    expect(await shop.wallet('ann')).toEqual([0, 41, 0, 0]);
  });

  it('B5: within the balance, what is spent is not collected', async () => {
    const shop = await spendsThenReturns('b5', 'within_balance');
    expect(await shop.wallet('ann')).toEqual([0, 0, 0, 0]);
  });

  it('B6: what expires first is spent first', async () => {
    const shop = await story.program('b6', {
      clockAt: '2027-04-01T10:00:00+09:00',
      settings: { wallets: wallets() },
    });
    const until = (count: number) => ({ kind: 'rolling', count, unit: 'day', round_to: 'none' });
    const gives = (activity: string, days: number) =>
      shop.rule(activity.toUpperCase(), fixed(50, { trigger: 'engagement', activity, expiry: until(days) }));
    await gives('later', 60);
    await gives('sooner', 30);
    await shop.does({ id: 'b', member_id: 'ann', activity: 'later' });
    await shop.does({ id: 'a', member_id: 'ann', activity: 'sooner' });
    await story.settled();

    const { status, body } = await shop.redeems({ redemption_id: 's1', member_id: 'ann', units: 70 });
    const { awards: sooner } = await shop.engaged('a');
    const { awards: later } = await shop.engaged('b');
    expect([status, (body as { lots: unknown }).lots]).toEqual([
      201,
      [
        { award_id: sooner[0]?.award_id, units: 50 },
        { award_id: later[0]?.award_id, units: 20 },
      ],
    ]);
    expect((await shop.lots('ann')).map(({ remaining }) => remaining)).toEqual([30]);
    const again = await shop.redeems({ redemption_id: 's1', member_id: 'ann', units: 70 });
    expect([again.status, again.body]).toEqual([status, body]);
  });

  it('B8: of 200 parallel redemptions of everything over two instances, one succeeds', async () => {
    const shop = await story.program('b8', { settings: { wallets: wallets() } });
    await shop.rule('BASE', base);
    await shop.buys({ order_id: 'o', member_id: 'ann', lines: [line(10_000, 'tea')] });
    await story.settled();
    expect(await shop.wallet('ann')).toEqual([0, 100, 0, 0]);

    const doors = story.local.gatewayUrls;
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) =>
        spend(doors[index % doors.length] ?? '', shop, `all-${index}`, 100),
      ),
    );
    const codes = answers.map(({ status, code }) => `${status} ${code ?? ''}`.trim());
    expect(codes.filter((code) => code === '201')).toHaveLength(1);
    expect(codes.filter((code) => code === '422 insufficient_points')).toHaveLength(PARALLEL - 1);
    expect(await shop.wallet('ann')).toEqual([0, 0, 0, 0]);
  });

  async function spend(door: string, { client }: Shop, redemption_id: string, units: number) {
    const response = await fetch(`${door}/v1/redemptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': redemption_id,
      },
      body: JSON.stringify({ redemption_id, member_id: 'ann', wallet: 'points', units }),
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, code };
  }

  it('T1 and T2: released after the window, usable through the end of a month a year later', async () => {
    const shop = await teaShop('t1', { wallets: wallets(TOKYO_YEAR) }, '2027-04-02T10:00:00+09:00');
    await buysE10(shop, 'ann');
    const [lot] = await shop.lots('ann');
    expect(Date.parse(lot?.release_at ?? '')).toBe(Date.parse('2027-04-17T00:00:00+09:00'));
    expect(Date.parse(lot?.expires_at ?? '')).toBe(Date.parse('2028-05-01T00:00:00+09:00'));
    await shop.clockTo('2028-04-30T23:59:59+09:00');
    expect(await shop.wallet('ann')).toEqual([0, 88, 0, 0]);
    await shop.clockTo('2028-05-01T00:00:00+09:00');
    expect(await shop.wallet('ann')).toEqual([0, 0, 0, 0]);
  });

  interface Times {
    readonly timeZone: string;
    readonly paidAt: string;
    readonly pending: object;
    readonly roundTo: string;
    readonly releaseAt: string | null;
    readonly expiresAt: string;
  }
  const TIMES: Readonly<Record<string, Times>> = {
    T3: {
      timeZone: 'Asia/Tokyo',
      paidAt: '2028-02-01T10:00:00+09:00',
      pending: { kind: 'until_date', date: '2028-02-29' },
      roundTo: 'none',
      releaseAt: '2028-02-29T00:00:00+09:00',
      expiresAt: '2029-03-01T00:00:00+09:00',
    },
    T4: {
      timeZone: 'Europe/London',
      paidAt: '2027-03-20T12:00:00Z',
      pending: { kind: 'duration', days: 7 },
      roundTo: 'none',
      releaseAt: '2027-03-28T00:00:00Z',
      expiresAt: '2028-03-29T00:00:00+01:00',
    },
    T5: {
      timeZone: 'America/New_York',
      paidAt: '2026-11-20T12:00:00-05:00',
      pending: { kind: 'none' },
      roundTo: 'month',
      releaseAt: null,
      expiresAt: '2027-12-01T05:00:00Z',
    },
  };

  it.each(Object.entries(TIMES))(
    '%s: release and expiry',
    async (name, { timeZone, paidAt: clockAt, pending, roundTo: round_to, releaseAt, expiresAt }) => {
      const expiry = { kind: 'rolling', count: 12, unit: 'month', round_to };
      const shop = await story.program(name.toLowerCase(), {
        clockAt,
        timeZone,
        settings: { wallets: wallets(expiry) },
      });
      await shop.rule('BASE', { ...base, pending });
      await buysE10(shop, 'ann');
      const [lot] = await shop.lots('ann');
      const ms = (text: string | null | undefined): number | null => (text ? Date.parse(text) : null);
      if (releaseAt !== null) expect(ms(lot?.release_at)).toBe(ms(releaseAt));
      expect(ms(lot?.expires_at)).toBe(ms(expiresAt));
    },
  );

  it('T6 and E17: a month is that of the program’s zone, and the cap of one begins anew', async () => {
    const shop = await story.program('t6', {
      clockAt: '2027-04-28T10:00:00+09:00',
      settings: { wallets: wallets() },
    });
    await shop.rule(
      'REVIEW',
      fixed(30, { trigger: 'engagement', activity: 'review', cap: { awards: 3 }, pending: { kind: 'none' } }),
    );
    await shop.clockTo('2027-05-02T10:00:00+09:00');
    const at = [
      '2027-04-28T10:00:00Z',
      '2027-04-29T10:00:00Z',
      '2027-04-30T10:00:00Z',
      '2027-04-30T14:59:59Z',
    ];
    for (const [index, occurred_at] of [...at, '2027-04-30T15:30:00Z'].entries())
      await shop.does({ id: `review-${index + 1}`, member_id: 'ann', activity: 'review', occurred_at });
    await story.settled();
    const units: number[] = [];
    for (const index of [1, 2, 3, 4, 5]) {
      const { awards } = await shop.engaged(`review-${index}`);
      units.push(awards.reduce((sum, { amount }) => sum + amount, 0));
    }
    expect(units).toEqual([30, 30, 30, 0, 30]);
    const { no_awards } = await shop.engaged('review-4');
    expect(no_awards).toMatchObject([{ rule: 'REVIEW', reason: 'cap_reached' }]);
    expect(await shop.wallet('ann')).toEqual([0, 120, 0, 0]);
  });

  it('E18: a cap that is short grants what is left and says so', async () => {
    const shop = await story.program('e18', { settings: { wallets: wallets() } });
    await shop.rule('BASE', base);
    const filter = { line_filter: { categories: ['tea'] }, cap: { units: 100 } };
    await shop.rule('TEA', multiplier(20_000, 'campaign', filter));
    await shop.buys({ order_id: 'before', member_id: 'ann', lines: [line(9_000, 'tea')] });
    await shop.buys({ order_id: 'e9', member_id: 'ann', lines: BASKET });
    await story.settled();
    expect(await shop.awards('before')).toEqual({ BASE: 90, TEA: 90 });
    expect(await shop.awards('e9')).toEqual({ BASE: 54, TEA: 10 });
    const { awards } = await shop.decided('e9');
    expect(JSON.stringify(awards.find(({ rule }) => rule === 'TEA'))).toContain('cap_partly');
  });

  it('T7: what occurs eleven minutes ahead of the program’s clock is refused', async () => {
    const shop = await story.program('t7', { clockAt: '2027-04-10T10:00:00+09:00' });
    const engagement = { id: 'early', member_id: 'ann', activity: 'review' };
    const answer = await shop.client.request('POST', '/v1/engagements', {
      ...engagement,
      occurred_at: '2027-04-10T10:11:00+09:00',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'occurred_in_future' } });
    await shop.does({ ...engagement, occurred_at: '2027-04-10T10:09:59+09:00' });
  });
});
