import { calculate, type ProgramFacts, type SentRequest } from './calculation.js';
import {
  BASE,
  BASKET,
  bought,
  clockTo,
  engaged,
  fixed,
  KOMOREBI,
  onLine,
  patched,
} from './testing/sent-requests.js';
import { post, rate, refunded, rule, TEA, times } from './testing/sent-requests.js';

const PLAIN: ProgramFacts = { ...KOMOREBI, return_window_days: null, wallets: [{ wallet: 'points' }] };
const calculated = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}) =>
  calculate({ ...PLAIN, ...program }, requests);
const amounts = (requests: readonly SentRequest[], id = 'o-1', program: Partial<ProgramFacts> = {}) =>
  Object.fromEntries(
    (calculated(requests, program).orders.get(id)?.awards ?? []).map(({ rule: code, amount }) => [
      code,
      amount,
    ]),
  );
const at = (order_id: string, occurred_at: string) => bought(BASKET, { order_id, occurred_at });
const turn = (how: string, valid_from: string, version: number) =>
  post(`/v1/rules/TEA/${how}`, { reason: 'stock' }, { status: 200, answer: { valid_from, version } });

describe('versions of a rule', () => {
  const history = [
    BASE,
    TEA,
    at('o-1', '2027-04-10T09:00:00+09:00'),
    turn('pause', '2027-04-10T10:00:00+09:00', 2),
    at('o-2', '2027-04-10T09:59:59+09:00'),
    at('o-3', '2027-04-10T10:00:00+09:00'),
    turn('resume', '2027-04-10T11:00:00+09:00', 3),
    at('o-4', '2027-04-10T11:00:00+09:00'),
    at('o-5', '2027-04-10T10:59:59+09:00'),
    turn('end', '2027-04-10T11:30:00+09:00', 4),
    turn('end', '2027-04-10T11:30:00+09:00', 4),
    at('o-6', '2027-04-10T11:30:00+09:00'),
  ];

  it.each([
    ['o-1', 1],
    ['o-2', 1],
    ['o-3', undefined],
    ['o-4', 3],
    ['o-5', undefined],
    ['o-6', undefined],
  ])('%s is decided by version %s: by when it occurred, not by when it came', (id, version) => {
    const { awards } = calculated(history).orders.get(id)!;
    expect(awards.find(({ rule: code }) => code === 'TEA')?.rule_version).toBe(version);
  });

  it('ends with its validity', () => {
    const short = rule('TEA', times(20_000, 'g'), { valid_to: '2027-04-10T10:00:00+09:00' });
    expect(amounts([BASE, short, at('o-1', '2027-04-10T09:59:59+09:00')])).toEqual({ BASE: 54, TEA: 55 });
    expect(amounts([BASE, short, at('o-1', '2027-04-10T10:00:00+09:00')])).toEqual({ BASE: 54 });
  });

  it('begins when the answer says so, where the request does not', () => {
    const now = post(
      '/v1/rules',
      { ...(TEA.body as object), valid_from: undefined },
      {
        status: 201,
        answer: { version: 1, valid_from: '2027-04-10T09:30:00+09:00' },
      },
    );
    expect(amounts([BASE, now, at('o-1', '2027-04-10T09:29:00+09:00')])).toEqual({ BASE: 54 });
    expect(amounts([BASE, now, at('o-1', '2027-04-10T09:30:00+09:00')])).toEqual({ BASE: 54, TEA: 20 });
  });

  it('takes a replayed answer as the same version', () => {
    const sent = { ...TEA, answer: { version: 1 } };
    const award = calculated([BASE, sent, sent, bought(BASKET)]).orders.get('o-1')?.awards[1];
    expect(award?.rule_version).toBe(1);
  });
});

describe('filters, settings and groups', () => {
  it('filters by attributes', () => {
    const organic = rule('ORGANIC', times(20_000, 'g'), {
      line_filter: { attributes: { organic: ['true'], origin: ['uji', 'yame'] } },
    });
    const lines = [
      { unit_price_minor: 1000, attributes: { organic: true, origin: 'uji' } },
      { unit_price_minor: 1000, attributes: { organic: true, origin: 'kyoto' } },
      1000,
    ];
    expect(amounts([BASE, organic, bought(lines)])).toEqual({ BASE: 30, ORGANIC: 10 });
  });

  it.each([
    ['order', 'exact', { BASE: 1, MORE: 1 }],
    ['line', 'exact', { MORE: 2 }],
    ['order', 'rounded_base', { BASE: 1 }],
  ] as const)('cuts fractions per %s, bonuses on the %s base', (rounding_scope, bonus_from, expected) => {
    const rules = [BASE, rule('MORE', times(15_000, 'g'))];
    // 0.9 + 0.9 = 1.8, and half of it more: 2.7; on each line 0.9 and 1.35; on a base of 1: 1.5.
    expect(amounts([...rules, bought([90, 90])], 'o-1', { rounding_scope, bonus_from })).toEqual(expected);
  });

  it('cuts steps on every line where fractions are cut on every line', () => {
    const steps = rule('BASE', rate(2, 200, 'JPY', { accrual: 'per_step' }));
    expect(amounts([steps, bought([390, 390])])).toEqual({ BASE: 6 });
    expect(amounts([steps, bought([390, 390])], 'o-1', { rounding_scope: 'line' })).toEqual({ BASE: 4 });
  });

  it('multiplies steps, not what was left of them', () => {
    const steps = rule('BASE', rate(2, 200, 'JPY', { accrual: 'per_step' }));
    expect(amounts([steps, TEA, bought(BASKET)])).toEqual({ BASE: 54, TEA: 19 });
  });

  it('takes settings from their request on', () => {
    const history = [BASE, bought([199]), patched({ rounding: 'ceil' }), bought([199], { order_id: 'o-2' })];
    expect([amounts(history), amounts(history, 'o-2')]).toEqual([{ BASE: 1 }, { BASE: 2 }]);
  });

  it('refuses to judge with settings that are newer than what changes them', () => {
    const patch = { ...patched({ rounding: 'ceil' }), answer: { revision: 2 } };
    expect(calculated([patch], { revision: 1 }).not_covered).toEqual([]);
    expect(calculated([patch], { revision: 2 }).not_covered).toEqual([
      'settings of revision 2, given before they became 2',
    ]);
  });

  it('names an expiry that it does not know', () => {
    const wallets = [{ wallet: 'points', expiry: { kind: 'inactivity', count: 6, unit: 'month' } as const }];
    expect(calculated([], { wallets }).not_covered).toEqual(['wallet points: expiry inactivity']);
  });
});

describe('what has happened before', () => {
  const first = rule('FIRST', fixed(200), {
    conditions: [{ label: 'first order', expression: 'member.is_first_purchase' }],
  });
  const second = bought([1000], { order_id: 'o-2' });

  it('counts orders in the order of deciding, without cancelled ones', () => {
    expect(amounts([first, bought([1000]), second], 'o-2')).toEqual({});
    expect(amounts([first, bought([1000]), refunded('r-1', { full: true }), second], 'o-2')).toEqual({
      FIRST: 200,
    });
    expect(amounts([first, bought([1000]), refunded('r-1', onLine('1', 999)), second], 'o-2')).toEqual({});
  });

  it('does not count another member, a guest, or an order in review', () => {
    const others = [
      bought([1000], { order_id: 'o-b', member_id: 'bob' }),
      bought([1000], { order_id: 'o-g', member_id: null }),
      bought([1000], { order_id: 'o-l', occurred_at: '2027-02-01T10:00:00+09:00' }),
    ];
    expect(amounts([first, ...others, second], 'o-2')).toEqual({ FIRST: 200 });
  });

  it('gives room of a cap back with a clawback', () => {
    const capped = rule('BASE', rate(1, 100), { cap: { units: 60 } });
    const history = [capped, bought([5000]), refunded('r-1', onLine('1', 2000))];
    expect(amounts([...history, bought([9900], { order_id: 'o-2' })], 'o-2')).toEqual({ BASE: 30 });
    const once = rule('BASE', rate(1, 100), { cap: { awards: 1 } });
    const again = [once, bought([5000]), refunded('r-1', { full: true }), second];
    expect(amounts(again, 'o-2')).toEqual({ BASE: 10 });
  });

  it('gives nothing of a short cap that is all or nothing', () => {
    const capped = rule('BASE', rate(1, 100), { cap: { units: 60, all_or_nothing: true } });
    const { orders } = calculated([capped, bought([5000]), second, bought([4000], { order_id: 'o-3' })]);
    expect(orders.get('o-2')?.awards[0]?.amount).toBe(10);
    expect(orders.get('o-3')?.not_awarded[0]?.reason).toBe('cap_reached');
  });

  it('counts a cap over all versions of a rule', () => {
    const capped = (more: object) => rule('BASE', rate(1, 100), { cap: { units: 60 }, ...more });
    const history = [capped({}), capped({ valid_from: '2027-04-10T10:00:00+09:00' })];
    const early = bought([5000], { occurred_at: '2027-04-10T09:00:00+09:00' });
    expect(amounts([...history, early, bought([5000], { order_id: 'o-2' })], 'o-2')).toEqual({ BASE: 10 });
  });
});

describe('reviews', () => {
  const late = bought([5000], { occurred_at: '2027-03-01T10:00:00+09:00' });
  const close = (id: string, how: string) =>
    post(`/v1/reviews/${id}/${how}`, { reason: 'x' }, { status: 200 });
  const back = refunded('r-1', onLine('1', 1000));

  it('hold back a late order and its refunds until somebody lets it through', () => {
    const held = calculated([BASE, late, back]);
    expect(held.orders.get('o-1')).toMatchObject({
      ...{ state: 'review', review_reason: 'late', awards: [] },
      refunds: [{ state: 'waiting' }],
    });
    expect(held.reviews.get('purchase:o-1')).toMatchObject({ reason: 'late', state: 'open' });

    const released = calculated([
      BASE,
      late,
      back,
      close('purchase:o-1', 'release'),
      close('purchase:o-1', 'release'),
    ]);
    expect(released.orders.get('o-1')).toMatchObject({
      state: 'decided',
      awards: [{ amount: 50, clawback_total: 10 }],
      refunds: [{ state: 'applied' }],
    });
    const refused = calculated([
      BASE,
      late,
      back,
      close('purchase:o-1', 'refuse'),
      close('purchase:o-1', 'release'),
    ]);
    expect(refused.orders.get('o-1')).toMatchObject({ state: 'review', awards: [] });
    expect(refused.reviews.get('purchase:o-1')?.state).toBe('refused');
  });

  it('hold back a late refund', () => {
    const lateRefund = refunded('r-1', onLine('1', 1000), { occurred_at: '2027-03-01T10:00:00+09:00' });
    const history = [BASE, bought([5000]), lateRefund];
    expect(calculated(history).orders.get('o-1')).toMatchObject({
      awards: [{ clawback_total: 0 }],
      refunds: [{ state: 'review' }],
    });
    expect(calculated([...history, close('refund:o-1:r-1', 'release')]).orders.get('o-1')).toMatchObject({
      awards: [{ clawback_total: 10 }],
      refunds: [{ state: 'applied' }],
    });
  });

  it('hold back engagements, which are decided by the rules of their time', () => {
    const review = rule('REVIEW', fixed(30), { trigger: 'engagement', activity: 'review' });
    const history = [review, engaged('e-1', '2027-03-01T10:00:00+09:00')];
    expect(calculated(history).engagements.get('e-1')).toMatchObject({
      state: 'review',
      review_reason: 'late',
    });
    const { engagements, members } = calculated([...history, close('engagement:e-1', 'release')]);
    expect(engagements.get('e-1')).toMatchObject({ state: 'decided', awards: [{ amount: 30 }] });
    expect(members.get('ann')?.get('points')?.available).toBe(30);
  });

  it('hold back what is over the limit, and grant it as it is when it is let through', () => {
    const history = [BASE, bought([5000])];
    expect(calculated(history, { max_award: 49 }).orders.get('o-1')).toMatchObject({
      ...{ state: 'review', review_reason: 'amount_over_limit', awards: [] },
    });
    expect(amounts([...history, close('purchase:o-1', 'release')], 'o-1', { max_award: 49 })).toEqual({
      BASE: 50,
    });
  });

  it('are named when one is closed that should not be there', () => {
    expect(calculated([BASE, bought([5000]), close('purchase:o-1', 'release')]).wrong_answers).toEqual([
      'Review purchase:o-1: was closed (release), but nothing should be in review there.',
    ]);
  });

  it('know the test clock', () => {
    const history = [clockTo('2027-05-10T10:00:00+09:00'), BASE, bought([5000])];
    expect(calculated(history).orders.get('o-1')?.state).toBe('decided');
    history[0] = clockTo('2027-05-10T10:00:01+09:00');
    expect(calculated(history).orders.get('o-1')?.review_reason).toBe('late');
  });
});

describe('engagements', () => {
  const review = rule('REVIEW', fixed(30), { trigger: 'engagement', activity: 'review' });
  const long = rule('LONG', fixed(5), {
    ...{ trigger: 'engagement', activity: 'review', pending: { kind: 'duration', days: 1 } },
    conditions: [{ label: 'long text', expression: 'engagement.attributes.words > 100' }],
  });
  const share = engaged('e-1', '2027-04-10T10:00:00+09:00', { activity: 'share' });
  const words = engaged('e-1', '2027-04-10T10:00:00+09:00', { attributes: { words: 120 } });

  it('pay what their activity earns, once, and at once unless the rule says otherwise', () => {
    const { engagements, members } = calculated([review, long, words, words], { return_window_days: 14 });
    expect(engagements.get('e-1')?.awards).toMatchObject([
      { rule: 'LONG', amount: 5, release_at: '2027-04-11T15:00:00.000Z' },
      { rule: 'REVIEW', amount: 30, release_at: null },
    ]);
    expect(members.get('ann')?.get('points')).toMatchObject({ pending: 5, available: 30 });
  });

  it('pay nothing for another activity, and nothing by purchase rules', () => {
    expect(calculated([BASE, review, share]).engagements.get('e-1')).toMatchObject({
      awards: [],
      not_awarded: [],
    });
  });

  it('keep their first content', () => {
    const { engagements, members } = calculated([
      review,
      words,
      engaged('e-1', '2027-04-10T10:00:00+09:00', { member_id: 'bob' }),
    ]);
    expect(engagements.get('e-1')).toMatchObject({ member_id: 'ann', conflicts: ['engagement:e-1'] });
    expect(members.get('bob')?.size).toBe(0);
  });

  it('arrive in batches too', () => {
    const body = [{ specversion: '1.0', type: 'kizuna.engagement.recorded.v1', data: words.body }];
    const batch = post('/v1/events', body, { status: 200, answer: { results: [{ status: 202 }] } });
    expect(calculated([review, batch]).engagements.get('e-1')?.awards).toHaveLength(1);
  });
});
