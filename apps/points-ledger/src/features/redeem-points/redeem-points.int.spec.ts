import { DAY, type Instant } from '@kizuna/kernel';
import { eventually, times } from '@kizuna/testing';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';

const at = tokyo('2027-04-10T10:00:00');
/** Connections to end before the others are left to work. */
const ENOUGH = 20;

const terms = {
  wallets: [
    {
      wallet: 'points',
      unit_value: { currency: 'JPY', minor: 1, units: 2 },
      redemption: { minimum: 10, step: 5, max_share_bp: 5_000 },
    },
    { wallet: 'stars' },
  ],
};

describe('redeeming points', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    // The job looks once an hour: what is due here is settled by whoever spends.
    ledger = await TestLedger.start(2, { SETTLE_INTERVAL_MS: '3600000' });
    await ledger.settings(at, terms);
  });

  afterAll(() => ledger?.stop());

  const has = async (member: string, ...given: readonly Partial<AwardGiven>[]): Promise<void> => {
    const awards = given.map((one, index): AwardGiven => ({
      member,
      ref: `${member}-${index}`,
      amount: 0,
      at,
      ...one,
    }));
    await ledger.receives(...awards.map((award) => ledger.granted(award)));
    const sum = (isPending: boolean): number =>
      awards
        .filter(({ releaseAt }) => (releaseAt !== undefined) === isPending)
        .reduce((total, { amount }) => total + amount, 0);
    await ledger.reaches(member, [sum(true), sum(false), 0, 0], awards[0]?.wallet);
  };
  const asked = (member: string, redemption_id: string, units: number, more: object = {}) => ({
    redemption_id,
    member_id: member,
    wallet: 'points',
    units,
    ...more,
  });

  it('B6: spends what lapses first and keeps the split', async () => {
    const soon = { ref: 'A', amount: 50, expiresAt: tokyo('2028-05-01T00:00:00') };
    const late = { ref: 'B', amount: 50, expiresAt: tokyo('2028-06-01T00:00:00') };
    await has('ann', late, soon);
    const order = { order_id: '1002', currency: 'JPY', amount_minor: 4_000 };
    const answer = await ledger.redeem(asked('ann', 'gift', 70, { order, reason: 'tea' }));
    const body = {
      redemption_id: 'gift',
      member_id: 'ann',
      wallet: 'points',
      units: 70,
      value: { currency: 'JPY', minor: 35 },
      lots: [
        { award_id: ledger.awardId({ member: 'ann', ref: 'A' }, at), units: 50 },
        { award_id: ledger.awardId({ member: 'ann', ref: 'B' }, at), units: 20 },
      ],
      after: { pending: 0, available: 30, held: 0, debt: 0 },
      redeemed_at: '2027-04-10T01:00:00.000Z',
    };
    expect(answer).toEqual({ status: 201, body });
    expect((await ledger.get('/v1/redemptions/gift')).body).toEqual({ state: 'redeemed', ...body });
    expect((await ledger.get('/v1/members/ann/wallets/points/lots')).body).toMatchObject({
      items: [{ amount: 50, remaining: 30, redeemed: 20, clawed_back: 0, rule: 'BASE' }],
    });
    await eventually(async () => {
      const events = (await ledger.topics.events('points-events')).filter(({ subject }) => subject === 'ann');
      expect(events.at(-1)).toMatchObject({
        type: 'kizuna.points.redeemed.v1',
        data: { amount: 70, available: 30, business_ref: 'gift' },
      });
    });
    expect((await ledger.get('/v1/members/ann/wallets/points/transfers?limit=1')).body).toMatchObject({
      items: [
        {
          kind: 'redemption',
          rule: null,
          text: {
            en: 'Used 70 points on order 1002 (tea).',
            ja: '注文 1002 に70ポイントを利用しました(tea)。',
          },
        },
      ],
    });
  });

  it('answers the same question with the same answer, and another one under its id with a conflict', async () => {
    await has('bob', { amount: 50 });
    const question = asked('bob', 'once', 20);
    const first = await ledger.redeem(question);
    expect(first.status).toBe(201);
    expect(await ledger.redeem(question, { instance: 1 })).toEqual(first);
    expect(await ledger.redeem({ ...question, units: 25 })).toMatchObject({
      status: 409,
      body: { code: 'redemption_conflict' },
    });
    expect((await ledger.redeem({ ...question, member_id: 'ann' })).status).toBe(409);
    expect(await ledger.figures('bob')).toEqual([0, 30, 0, 0]);
  });

  it('remembers a refusal, although the points are there by now', async () => {
    await has('cat', { amount: 30 });
    const refused = await ledger.redeem(asked('cat', 'early', 40));
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'insufficient_points', available: 30, required: 40 },
    });
    await ledger.receives(ledger.granted({ member: 'cat', ref: 'more', amount: 30, at }));
    await ledger.reaches('cat', [0, 60, 0, 0]);
    expect(await ledger.redeem(asked('cat', 'early', 40))).toEqual(refused);
    expect((await ledger.get('/v1/redemptions/early')).body).toMatchObject({
      state: 'refused',
      units: 40,
      refusal: { code: 'insufficient_points', available: 30, required: 40 },
    });
    expect((await ledger.redeem(asked('cat', 'later', 40))).status).toBe(201);
  });

  it('is refused by the terms of the wallet, with the facts', async () => {
    await has('dan', { amount: 500 });
    const order = (amount_minor: number, currency = 'JPY') => ({
      order: { order_id: '1', currency, amount_minor },
    });
    const refusals: [object, object][] = [
      [asked('dan', 'd1', 5), { code: 'below_minimum_units', minimum: 10 }],
      [asked('dan', 'd2', 12), { code: 'not_a_step', step: 5 }],
      [asked('dan', 'd3', 110, order(100)), { code: 'above_order_share', max_share_bp: 5_000 }],
      [asked('dan', 'd4', 100, order(100, 'USD')), { code: 'foreign_currency', expected: 'JPY' }],
      [asked('dan', 'd5', 10, { wallet: 'miles' }), { code: 'unknown_wallet' }],
      [asked('nobody', 'd6', 10), { code: 'insufficient_points', available: 0, required: 10 }],
      [
        asked('dan', 'd7', 1, { wallet: 'stars' }),
        { code: 'insufficient_points', available: 0, required: 1 },
      ],
    ];
    for (const [question, problem] of refusals)
      expect(await ledger.redeem(question)).toMatchObject({ status: 422, body: problem });
    expect((await ledger.redeem(asked('dan', 'd8', 100, order(100)))).status).toBe(201);
    expect((await ledger.get('/v1/members/nobody/wallets')).status).toBe(404);
  });

  it('refuses a body that it does not understand', async () => {
    const good = asked('ann', 'bad', 10);
    for (const bad of [
      { ...good, units: 0 },
      { ...good, units: 1.5 },
      { ...good, units: '10' },
      { ...good, member_id: 'a@b' },
      { ...good, redemption_id: 'a:b' },
      { ...good, note: 'x' },
      { ...good, order: { order_id: '1' } },
      { ...good, order: null },
    ])
      expect((await ledger.redeem(bad)).status).toBe(400);
    expect((await ledger.get('/v1/redemptions/bad')).status).toBe(404);
  });

  it('blocks a member in debt, and spends nothing that waits or has lapsed', async () => {
    const gift: AwardGiven = { member: 'eve', ref: 'g', amount: 30, at };
    await has('eve', gift, { ref: 'w', amount: 30, releaseAt: (at + DAY) as Instant });
    await ledger.redeem(asked('eve', 'e1', 30));
    await ledger.receives(ledger.clawedBack(gift, 20, at));
    await ledger.reaches('eve', [30, 0, 0, 20]);
    expect(await ledger.redeem(asked('eve', 'e2', 10))).toMatchObject({
      body: { code: 'in_debt', debt: 20 },
    });
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('is nothing to another program, nor to a caller without the scope', async () => {
    const other = ledger.another();
    expect((await ledger.get('/v1/redemptions/gift', other.program)).status).toBe(404);
    expect((await ledger.redeem(asked('ann', 'x', 10), { programId: other.program })).status).toBe(503);
    await other.settings(at, terms);
    expect(await other.redeem(asked('ann', 'gift', 10))).toMatchObject({
      status: 422,
      body: { code: 'insufficient_points', available: 0 },
    });
    const narrow = await ledger.keys.authorization(ledger.program, 'points-ledger', ['wallets:read']);
    expect((await ledger.room.post('/v1/redemptions', narrow, asked('ann', 'x', 10))).status).toBe(403);
    expect((await ledger.get('/v1/redemptions/gift', ledger.program, ['redemptions:write'])).status).toBe(
      403,
    );
  });

  it('B8: of 200 at once over two instances, for the whole balance, one succeeds', async () => {
    await has('fay', { ref: 'A', amount: 60 }, { ref: 'B', amount: 40 });
    const answers = await times(200, (index) =>
      ledger.redeem(asked('fay', `rush-${index}`, 100), { instance: index }),
    );
    const codes = answers.map(({ status, body }) =>
      status === 201 ? 'redeemed' : (body as { code: string }).code,
    );
    expect(codes.filter((code) => code === 'redeemed')).toHaveLength(1);
    expect(codes.filter((code) => code === 'insufficient_points')).toHaveLength(199);
    expect(await ledger.figures('fay')).toEqual([0, 0, 0, 0]);
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('has one effect and one answer, when the same is asked 50 times at once', async () => {
    await has('gil', { amount: 100 });
    const answers = await times(50, (index) => ledger.redeem(asked('gil', 'same', 20), { instance: index }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveProperty('size', 1);
    expect(answers[0]?.status).toBe(201);
    expect(await ledger.figures('gil')).toEqual([0, 80, 0, 0]);
  });

  it('has one winner when the same id is asked for two members at once', async () => {
    await has('hal', { amount: 100 });
    await has('ida', { amount: 100 });
    const answers = await times(20, (index) =>
      ledger.redeem(asked(index % 2 === 0 ? 'hal' : 'ida', 'contested', 20), { instance: index >> 1 }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    const [[, hal = 0] = [], [, ida = 0] = []] = [await ledger.figures('hal'), await ledger.figures('ida')];
    expect(hal + ida).toBe(180);
  });

  it('keeps awards, refunds and spending of one member in agreement, all at once', async () => {
    await has('jo', { ref: 'start', amount: 200 });
    const awards = Array.from({ length: 60 }, (_, index): AwardGiven => ({
      member: 'jo',
      ref: `x${index}`,
      amount: 10,
      at,
    }));
    const sending = (async () => {
      for (const award of awards)
        await ledger.receives(
          ledger.granted(award),
          ledger.clawedBack(award, 1 + (awards.indexOf(award) % 10), at),
        );
    })();
    await times(60, (index) => ledger.redeem(asked('jo', `jo-${index}`, 10), { instance: index }));
    await sending;
    await eventually(async () => {
      const rows = await ledger.room.database.query(
        `SELECT FROM lot WHERE member_id = 'jo' AND clawed_back > 0`,
      );
      expect(rows).toHaveLength(60);
    });
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('spends once, although connections die half-way and the shop asks again', async () => {
    await has('lou', { amount: 200 });
    const state = { isOver: false, killed: 0 };
    const killing = (async () => {
      while (!state.isOver && state.killed < ENOUGH) {
        const rows = await ledger.room.database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'kizuna-points-ledger' AND state <> 'idle'`,
        );
        state.killed += rows.length;
      }
    })();
    const answers = await times(20, async (index) => {
      const asking = () => ledger.redeem(asked('lou', `lou-${index}`, 10), { instance: index });
      return eventually(async () => {
        const answer = await asking();
        expect(answer.status).toBe(201);
        // The answer may have been lost on its way: whoever asks again hears the same.
        return answer;
      });
    });
    state.isOver = true;
    await killing;
    expect(state.killed).toBeGreaterThan(0);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    await ledger.reaches('lou', [0, 0, 0, 0]);
    expect(await ledger.disagreements()).toEqual([]);
  });

  // Last: it moves the clock.
  it('settles what is due of the wallet first, in months that nothing has happened in yet', async () => {
    const [releaseAt, expiresAt, now] = [40, 70, 100].map((days) => (at + days * DAY) as Instant);
    await has('kim', { ref: 'lapses', amount: 20, expiresAt }, { ref: 'waits', amount: 30, releaseAt });
    await has('lea', { ref: 'lapses', amount: 20, expiresAt }, { ref: 'waits', amount: 30, releaseAt });
    await ledger.settings(now ?? at, terms);
    expect(await ledger.redeem(asked('kim', 'k1', 30))).toMatchObject({
      status: 201,
      body: { after: { pending: 0, available: 0 } },
    });
    expect(await ledger.redeem(asked('lea', 'l1', 50))).toMatchObject({
      status: 422,
      body: { code: 'insufficient_points', available: 30, required: 50 },
    });
    // What was due is posted with the refusal, too.
    expect(await ledger.figures('lea')).toEqual([0, 30, 0, 0]);
    expect(await ledger.disagreements()).toEqual([]);
  });
});
