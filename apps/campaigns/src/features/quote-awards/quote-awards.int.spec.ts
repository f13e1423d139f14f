import { line, TestCampaigns } from '../../testing/test-campaigns.js';

describe('quotes', () => {
  const now = '2027-04-10T10:00:00+09:00';
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start(now, { return_window_days: 14 });
    await shop.hasRule({
      code: 'BASE',
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    });
    await shop.hasRule({
      code: 'WEEKEND',
      conditions: [{ label: 'Saturday or Sunday', expression: 'time.weekday >= 6' }],
      line_filter: { categories: ['tea'] },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'campaign', mode: 'best' },
    });
    await shop.hasRule({
      code: 'FIRST',
      conditions: [{ label: 'first purchase', expression: 'member.orders == 0' }],
      reward: { kind: 'fixed', units: 200 },
    });
  });
  afterAll(() => shop?.stop());

  const usual = [line(1980), line(3500, 'ware')];
  const basket = (member: string | null, more: object = {}, lines = usual) => {
    const { data } = JSON.parse(shop.purchase(member, 'q', now, lines).value) as {
      data: Record<string, unknown>;
    };
    const { program_id: _program, order_id: _order, occurred_at: _at, ...body } = data;
    return { ...body, ...more };
  };
  const quote = (body: object) => shop.post('/v1/quotes', body);

  it('tell what a purchase would earn now, and change nothing', async () => {
    const { status, body } = await quote(basket('ann'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      occurred_at: '2027-04-10T01:00:00.000Z',
      wallets: [{ wallet: 'points', amount: 274 }],
      awards: [
        {
          rule: 'BASE',
          amount: 54,
          release_at: '2027-04-24T15:00:00.000Z',
          lines: [
            { line_id: '1', units: 20 },
            { line_id: '2', units: 34 },
          ],
        },
        { rule: 'WEEKEND', amount: 20 },
        { rule: 'FIRST', amount: 200, lines: [] },
      ],
    });
    expect((await quote(basket('ann'))).body).toEqual(body);
    expect(await shop.room.database.query('SELECT FROM purchase')).toEqual([]);
  });

  it('agree with what the order then earns', async () => {
    await shop.sends('purchase-events', shop.purchase('ann', 'q1', now, [line(1980), line(3500, 'ware')]));
    const { awards } = await shop.reads<{ awards: { amount: number }[] }>('/v1/purchases/q1');
    expect(awards.map(({ amount }) => amount).sort()).toEqual([20, 200, 54]);
    expect((await quote(basket('ann'))).body).toMatchObject({ wallets: [{ amount: 74 }] });
  });

  it('tell of another time', async () =>
    expect((await quote(basket('ann', { occurred_at: '2027-04-12T10:00:00+09:00' }))).body).toMatchObject({
      wallets: [{ amount: 54 }],
      explanation: expect.arrayContaining([
        expect.objectContaining({ rule: 'WEEKEND', reason: 'condition_not_met' }),
      ]),
    }));

  it('meet what an order meets: what comes too late waits for somebody', async () => {
    const occurred_at = '2027-03-01T10:00:00+09:00';
    const { body } = await quote(basket('ann', { occurred_at }));
    const reason = { reason: 'review_late', text: { en: expect.stringContaining('look at it') } };
    expect(body).toMatchObject({ awards: [], wallets: [], explanation: [reason] });
    await shop.sends('purchase-events', shop.purchase('ann', 'q-late', occurred_at, [line(1980)]));
    const { explanation } = body as { explanation: object[] };
    expect((await shop.reads<{ no_awards: object[] }>('/v1/purchases/q-late')).no_awards).toEqual(
      explanation,
    );
  });

  it('meet what an order meets: so does what would give more than the limit', async () => {
    const lines = [line(100_000_000)];
    await shop.changeSettings({ return_window_days: 14, max_award: 1_000 });
    const { body } = await quote(basket('ann', {}, lines));
    const reason = { reason: 'review_amount_over_limit', text: { en: expect.stringContaining('more than') } };
    expect(body).toMatchObject({ awards: [], wallets: [], explanation: [reason] });
    await shop.sends('purchase-events', shop.purchase('ann', 'q-large', now, lines));
    const { explanation } = body as { explanation: object[] };
    expect((await shop.reads<{ no_awards: object[] }>('/v1/purchases/q-large')).no_awards).toEqual(
      explanation,
    );
    await shop.changeSettings({ return_window_days: 14 });
  });

  it('give a guest nothing, and say so', async () =>
    expect((await quote(basket(null))).body).toMatchObject({
      wallets: [],
      awards: [],
      explanation: [{ reason: 'guest' }],
    }));

  it('refuse what is no purchase', async () => {
    expect(await quote(basket('ann', { lines: [] }))).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/lines' }] },
    });
    expect((await quote(basket('ann', { order_id: 'q' }))).body).toMatchObject({
      errors: [{ pointer: '/order_id' }],
    });
  });

  it('and orders go on where a rule reaches the end of the calendar', async () => {
    await shop.hasRule({
      code: 'FAR',
      reward: { kind: 'fixed', units: 7 },
      pending: { kind: 'until_date', date: '9999-12-31' },
      expiry: { kind: 'rolling', count: 100, unit: 'year', round_to: 'year' },
    });
    const occurredAt = '2027-04-10T10:00:10+09:00';
    const far = { rule: 'FAR', release_at: '9999-12-30T15:00:00.000Z', expires_at: null };
    expect((await quote(basket('far', { occurred_at: occurredAt }))).body).toMatchObject({
      awards: expect.arrayContaining([expect.objectContaining(far)]),
    });
    await shop.sends('purchase-events', shop.purchase('far', 'q-far', occurredAt, usual));
    const { awards } = await shop.reads<{ awards: object[] }>('/v1/purchases/q-far');
    expect(awards).toEqual(expect.arrayContaining([expect.objectContaining(far)]));
  });

  it('wait for the settings of a program', async () =>
    expect(await shop.room.post('/v1/quotes', await shop.stranger(), basket('ann'))).toMatchObject({
      status: 503,
      body: { code: 'program_not_ready' },
    }));
});
