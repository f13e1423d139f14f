import { calculate, type ProgramFacts, type SentRequest } from './calculation.js';
import * as sent from './testing/sent-requests.js';
import {
  BASE,
  BASKET,
  BRANCH,
  bought,
  clockTo,
  engaged,
  fixed,
  KOMOREBI,
  onLine,
  rate,
} from './testing/sent-requests.js';
import {
  redeemed,
  refunded,
  refusedRedemption,
  rule,
  TEA,
  TEA_RULE,
  times,
} from './testing/sent-requests.js';

/** Every row of the worked examples against the independent calculation: figures as they are written there. */

/** Without waiting and expiry, which the rows about earning and refunds do not speak of. */
const PLAIN: ProgramFacts = {
  ...KOMOREBI,
  return_window_days: null,
  wallets: [{ wallet: 'points' }, { wallet: 'cashback' }],
};

const calculated = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}) => {
  const result = calculate({ ...PLAIN, ...program }, requests);
  expect(result.not_covered).toEqual([]);
  expect(result.wrong_answers).toEqual([]);
  return result;
};
const order = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}, id = 'o-1') =>
  calculated(requests, program).orders.get(id)!;

interface Earning {
  readonly rules?: readonly SentRequest[];
  readonly lines: readonly sent.Line[];
  readonly order?: Readonly<Record<string, unknown>>;
  readonly program?: Partial<ProgramFacts>;
  readonly eligible?: readonly number[];
  /** Units per rule and line; of a fixed bonus, which has no lines, its units. */
  readonly awards: Readonly<Record<string, readonly number[] | number>>;
  readonly not?: Readonly<Record<string, string>>;
}

const withTax = { prices_include_tax: true, tax_minor: 700 };
const group = (mode: string) => [
  BASE,
  rule('DOUBLE', times(20_000, 'campaigns', mode), TEA_RULE),
  rule('TRIPLE', times(30_000, 'campaigns', mode), TEA_RULE),
];
const ALL_HALF_MORE = [BASE, rule('MORE', times(15_000, 'campaigns'))];
const FIRST = rule('FIRST', fixed(200), {
  minimum_eligible_minor: 2000,
  conditions: [{ label: 'first order', expression: 'member.is_first_purchase' }],
});

const EARNING: Readonly<Record<string, Earning>> = {
  E1: { lines: [4780], eligible: [4780], awards: { BASE: [47] } },
  E2: {
    lines: [{ quantity: 2, unit_price_minor: 1250 }, 2070],
    eligible: [2500, 2070],
    awards: { BASE: [25, 20] },
  },
  E3: { lines: [150, 150, 100], eligible: [150, 150, 100], awards: { BASE: [2, 1, 1] } },
  E4: {
    lines: [{ quantity: 3, unit_price_minor: 1200, discount_minor: 300 }, 1980],
    order: { discount_minor: 500 },
    eligible: [2987, 1793],
    awards: { BASE: [29, 18] },
  },
  E5: { lines: [5400, 3300], order: withTax, eligible: [4966, 3034], awards: { BASE: [50, 30] } },
  E6: {
    lines: [5400, 3300],
    order: { ...withTax, paid_with_points_minor: 1000 },
    eligible: [4394, 2685],
    awards: { BASE: [43, 27] },
  },
  E7: {
    lines: [{ unit_price_minor: 5000, kind: 'gift_card' }, 2400],
    order: { discount_minor: 740 },
    eligible: [0, 2160],
    awards: { BASE: [0, 21] },
  },
  E8: {
    rules: [BASE, rule('WARE', rate(3, 200), { priority: 10, line_filter: { categories: ['ware'] } })],
    lines: [
      { unit_price_minor: 1980, category: 'tea' },
      { unit_price_minor: 6850, category: 'ware' },
    ],
    awards: { WARE: [0, 102], BASE: [20, 0] },
  },
  E9: { rules: [BASE, TEA], lines: BASKET, awards: { BASE: [20, 34], TEA: [20, 0] } },
  E10: {
    rules: [BASE, TEA, BRANCH],
    lines: BASKET,
    awards: { BASE: [20, 34], TEA: [20, 0], BRANCH: [5, 9] },
  },
  E11a: {
    rules: group('best'),
    lines: BASKET,
    awards: { BASE: [20, 34], TRIPLE: [40, 0] },
    not: { DOUBLE: 'beaten' },
  },
  E11b: {
    rules: group('additive'),
    lines: BASKET,
    awards: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [40, 0] },
  },
  E11c: {
    rules: group('multiplicative'),
    lines: BASKET,
    awards: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [79, 0] },
  },
  'E12, per step': {
    rules: [rule('BASE', rate(2, 200, 'JPY', { accrual: 'per_step' }))],
    lines: [1390],
    awards: { BASE: [12] },
  },
  'E12, exact': { rules: [rule('BASE', rate(2, 200))], lines: [1390], awards: { BASE: [13] } },
  'E13, floor': { rules: ALL_HALF_MORE, lines: [1250, 1400], awards: { BASE: [12, 14], MORE: [6, 7] } },
  'E13, ceil': {
    rules: ALL_HALF_MORE,
    lines: [1250, 1400],
    program: { rounding: 'ceil' },
    awards: { BASE: [13, 14], MORE: [6, 7] },
  },
  'E13, half even': {
    rules: ALL_HALF_MORE,
    lines: [1250, 1400],
    program: { rounding: 'half_even' },
    awards: { BASE: [12, 14], MORE: [7, 7] },
  },
  E14: {
    rules: [rule('BASE', rate(1, 250, 'KWD'))],
    lines: [12345],
    order: { currency: 'KWD' },
    program: { currency: 'KWD' },
    eligible: [12345],
    awards: { BASE: [49] },
  },
  E15: {
    rules: [rule('CASHBACK', { kind: 'cashback', percent_bp: 300 }, { wallet: 'cashback' })],
    lines: [1980, 6870],
    awards: { CASHBACK: [59, 206] },
  },
  'E16, 2,000': { rules: [BASE, FIRST], lines: [2000], awards: { BASE: [20], FIRST: 200 } },
  'E16, 1,999': {
    rules: [BASE, FIRST],
    lines: [1999],
    awards: { BASE: [19] },
    not: { FIRST: 'below_minimum' },
  },
  E19: { lines: [4780], order: { currency: 'USD' }, awards: {}, not: { BASE: 'currency_not_covered' } },
  E20: {
    rules: [
      BASE,
      rule('SCORED', fixed(50), {
        conditions: [{ label: 'score', expression: 'order.attributes.score / order.attributes.n > 2' }],
      }),
    ],
    lines: [4780],
    order: { attributes: { score: 9, n: 0 } },
    awards: { BASE: [47] },
    not: { SCORED: 'rule_failed' },
  },
};

describe('earning', () => {
  it.each(Object.entries(EARNING))('%s', (_name, example) => {
    const { rules = [BASE], lines, eligible, awards, not = {}, program } = example;
    const found = order([...rules, bought(lines, example.order)], program);
    const units = found.awards.map(({ rule: code, amount, lines: perLine }) => {
      const counts = perLine.map((line) => line.units);
      expect([counts.reduce((a, b) => a + b, 0), 0]).toContain(typeof awards[code] === 'number' ? 0 : amount);
      return [code, typeof awards[code] === 'number' ? amount : counts];
    });
    expect(Object.fromEntries(units)).toEqual(awards);
    expect(Object.fromEntries(found.not_awarded.map(({ rule: code, reason }) => [code, reason]))).toEqual(
      not,
    );
    if (eligible) expect((found.awards[0]?.lines ?? []).map((line) => line.eligible_minor)).toEqual(eligible);
  });

  it('E17: at most three reviews a month, months of the program’s zone', () => {
    const review = rule('REVIEW', fixed(30), {
      trigger: 'engagement',
      activity: 'review',
      cap: { awards: 3 },
    });
    const { engagements, members } = calculated([
      clockTo('2027-05-01T12:00:00+09:00'),
      review,
      ...[6, 7, 8, 9].map((day) => engaged(`r-${day}`, `2027-04-0${day}T10:00:00+09:00`)),
      engaged('r-may', '2027-04-30T15:30:00Z'), // T6: May in Tokyo
    ]);
    const amounts = [...engagements.values()].map(({ awards }) => awards[0]?.amount ?? 0);
    expect(amounts).toEqual([30, 30, 30, 0, 30]);
    expect(engagements.get('r-9')?.not_awarded).toEqual([
      { rule: 'REVIEW', wallet: 'points', reason: 'cap_reached' },
    ]);
    expect(members.get('ann')?.get('points')?.available).toBe(120);
  });

  it('E18: a cap that is short grants what is left and says so', () => {
    const capped = rule('TEA', times(20_000, 'campaigns'), { ...TEA_RULE, cap: { units: 100 } });
    const before = bought([{ unit_price_minor: 9000, category: 'tea' }], { order_id: 'o-0' });
    const found = order([BASE, capped, before, bought(BASKET)]);
    expect(found.awards.map(({ rule: code, amount }) => [code, amount])).toEqual([
      ['BASE', 54],
      ['TEA', 10],
    ]);
    expect(found.awards[1]).toMatchObject({ cut_from: 20, lines: [{ units: 10 }, { units: 0 }] });
  });
});

const E10 = [BASE, TEA, BRANCH, bought(BASKET)];
const BIG = rule('BIG', fixed(300), { minimum_eligible_minor: 10_000 });
const R8 = [
  BASE,
  BIG,
  bought([
    { quantity: 2, unit_price_minor: 6800 },
    { quantity: 3, unit_price_minor: 2400 },
  ]),
];
const E5 = [BASE, bought([5400, 3300], withTax)];
const without = (amount_minor: number) => ({ amount_minor });
const back = (...refunds: readonly object[]) => refunds.map((what, i) => refunded(`r-${i}`, { ...what }));
const R1 = back(onLine('2', 1750));

describe('refunds', () => {
  it.each<[string, readonly SentRequest[], readonly SentRequest[], readonly number[]]>([
    ['R1', E10, R1, [17, 0, 4]],
    ['R2, at once', E10, back(onLine('2', 3500)), [34, 0, 9]],
    ['R2, in parts', E10, back(onLine('2', 1), onLine('2', 1999), onLine('2', 1500)), [34, 0, 9]],
    ['R3', E10, back(onLine('1', 990), without(1000)), [19, 12, 5]],
    ['R3, in the other order', E10, back(without(1000), onLine('1', 990)), [19, 12, 5]],
    ['R4, at once', E10, back(without(2740)), [27, 10, 6]],
    ['R4, twice', E10, back(without(1370), without(1370)), [27, 10, 6]],
    ['R5, without lines', E10, back(without(5480)), [54, 20, 14]],
    ['R5, full', E10, back({ full: true }), [54, 20, 14]],
    ['R5, every line', E10, back(onLine('1', 1980), onLine('2', 3500)), [54, 20, 14]],
    ['R6', E10, back(onLine('1', 5000), without(9000)), [54, 20, 14]],
    ['R7', E5, back(onLine('2', 1650)), [15]],
    ['R8', R8, back(onLine('1', 6800)), [68, 0]],
    ['R9', R8, back(onLine('1', 6800), onLine('2', 2400)), [92, 0]],
    ['R10', R8, back(onLine('1', 6800), onLine('2', 2400), onLine('2', 2400)), [116, 300]],
    ['R12', E10, [...R1, ...R1, ...R1], [17, 0, 4]],
  ])('%s', (_name, history, refunds, totals) => {
    const found = order([...history, ...refunds]);
    expect(found.awards.map(({ clawback_total }) => clawback_total)).toEqual(totals);
  });

  it('R6: what exceeds a line or the order is reported', () => {
    expect(order([...E10, ...back(onLine('1', 5000), without(9000))]).over_minor).toBe(8520);
  });

  it('R11: a refund before its order waits', () => {
    const rules = [BASE, TEA, BRANCH];
    expect(order([...rules, ...R1])).toMatchObject({ state: 'awaited', refunds: [{ state: 'waiting' }] });
    const { members, totals } = calculated([...rules, ...R1, bought(BASKET)]);
    expect(totals).toMatchObject({ earned: 88, clawed_back: 21 });
    expect(members.get('ann')?.get('points')?.available).toBe(67);
  });

  it('R13: a bonus without a minimum falls with the last of the order', () => {
    const bonus = rule('FIRST', fixed(200));
    const clawback = (...amounts: readonly number[]) =>
      order([bonus, bought(BASKET), ...back(...amounts.map(without))]).awards[0]?.clawback_total;
    expect(clawback(5479)).toBe(0);
    expect(clawback(5479, 1)).toBe(200);
  });
});

const NO_EXPIRY: Partial<ProgramFacts> = { wallets: [{ wallet: 'points' }], return_window_days: 14 };
const RELEASED = clockTo('2027-04-25T00:00:00+09:00');
const late = { occurred_at: '2027-04-25T00:00:00+09:00' };
const lateR1 = refunded('r-1', onLine('2', 1750), late);

describe('balances', () => {
  const figures = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = NO_EXPIRY) => {
    const { pending, available, held, debt } = calculated(requests, program)
      .members.get('ann')!
      .get('points')!;
    return [pending, available, held, debt];
  };
  const B1 = [...E10, RELEASED];
  const B3 = [...B1, redeemed('s-1', 80), lateR1];

  it('B1: pending until 00:00 of the day after the window', () => {
    expect(figures(E10)).toEqual([88, 0, 0, 0]);
    expect(figures([...E10, clockTo('2027-04-24T23:59:59+09:00')])).toEqual([88, 0, 0, 0]);
    expect(figures(B1)).toEqual([0, 88, 0, 0]);
  });

  it('B2: what is refunded before the release is taken from what is pending', () => {
    expect(figures([...E10, ...R1])).toEqual([67, 0, 0, 0]);
  });

  it('B3: what is spent is owed', () => {
    expect(figures(B3)).toEqual([0, 0, 0, 13]);
  });

  it('B4: the next release pays the debt first', () => {
    const next = bought([4320], { order_id: 'o-2', ...late });
    expect(figures([...B3, next])).toEqual([54, 0, 0, 13]);
    expect(figures([...B3, next, clockTo('2027-05-10T00:00:00+09:00')])).toEqual([0, 41, 0, 0]);
  });

  it('B5: within the balance, the rest stays uncollected', () => {
    const program = { ...NO_EXPIRY, clawback_policy: 'within_balance' } as const;
    expect(figures(B3, program)).toEqual([0, 0, 0, 0]);
    expect(calculated(B3, program).holdings.get('ann')?.get('points')).toMatchObject({
      uncollected: 13,
      redeemed: 80,
      clawed_back: 21,
    });
  });

  const twoLots = [
    rule('LATER', fixed(50), { expiry: { kind: 'rolling', count: 2, unit: 'year' } }),
    rule('SOONER', fixed(50), { expiry: { kind: 'rolling', count: 20, unit: 'day' } }),
    bought([1000]),
    redeemed('s-1', 70),
  ];
  const remaining = (requests: readonly SentRequest[]) =>
    calculated(requests, { return_window_days: null }).holdings.get('ann')?.get('points')?.lots;

  it('B6: what expires first burns first, and the split is kept', () => {
    expect(remaining(twoLots)).toMatchObject([
      { rule: 'LATER', remaining: 30 },
      { rule: 'SOONER', remaining: 0 },
    ]);
    const { redemptions } = calculated(twoLots, { return_window_days: null });
    expect(redemptions.get('s-1')).toMatchObject({
      state: 'redeemed',
      split: [
        { rule: 'SOONER', units: 50 },
        { rule: 'LATER', units: 20 },
      ],
    });
  });

  it('B7: reversed, the units are back in their lots with at least thirty days of life', () => {
    const reversed = sent.post('/v1/redemptions/s-1/reverse', {}, { status: 200 });
    expect(remaining([...twoLots, reversed])).toMatchObject([
      { rule: 'LATER', remaining: 50, expires_at: '2029-04-10T15:00:00.000Z' },
      { rule: 'SOONER', remaining: 50, expires_at: '2027-05-10T15:00:00.000Z' },
    ]);
  });

  it('B8: of many at once for the whole balance, one is accepted', () => {
    const all = Array.from({ length: 5 }, (_, i) => {
      const one = { ...redeemed(`s-${i}`, 88), parallel: 'b8' };
      return i === 3 ? one : refusedRedemption(one, 'insufficient_points', { available: 0, required: 88 });
    });
    expect(figures([...B1, ...all])).toEqual([0, 0, 0, 0]);
    const accepted = all.map((one) => ({ ...one, status: 201, answer: {} }));
    expect(calculate({ ...PLAIN, ...NO_EXPIRY }, [...B1, ...accepted]).wrong_answers).toHaveLength(4);
  });
});

describe('times', () => {
  interface Given {
    readonly zone: string;
    readonly occurred: string;
    readonly windowDays?: number;
    readonly expiry?: object;
    readonly releaseAt: string | null;
    readonly expiresAt: string | null;
  }
  const months = (count: number, round_to: string) => ({ kind: 'rolling', count, unit: 'month', round_to });
  const TIMES: Readonly<Record<string, Given>> = {
    T1: {
      zone: 'Asia/Tokyo',
      occurred: '2027-04-02T10:00:00+09:00',
      windowDays: 14,
      releaseAt: '2027-04-17T00:00:00+09:00',
      expiresAt: null,
    },
    T2: {
      zone: 'Asia/Tokyo',
      occurred: '2027-04-02T10:00:00+09:00',
      windowDays: 14,
      expiry: months(12, 'month'),
      releaseAt: '2027-04-17T00:00:00+09:00',
      expiresAt: '2028-05-01T00:00:00+09:00',
    },
    T3: {
      zone: 'Asia/Tokyo',
      occurred: '2028-02-29T10:00:00+09:00',
      expiry: months(12, 'none'),
      releaseAt: null,
      expiresAt: '2029-03-01T00:00:00+09:00',
    },
    T4: {
      zone: 'Europe/London',
      occurred: '2027-03-20T12:00:00Z',
      windowDays: 7,
      releaseAt: '2027-03-28T00:00:00Z',
      expiresAt: null,
    },
    T5: {
      zone: 'America/New_York',
      occurred: '2027-11-10T12:00:00-05:00',
      expiry: { kind: 'rolling', count: 1, unit: 'day', round_to: 'month' },
      releaseAt: null,
      expiresAt: '2027-12-01T05:00:00Z',
    },
  };

  it.each(Object.entries(TIMES))(
    '%s',
    (_name, { zone, occurred, windowDays, expiry, releaseAt, expiresAt }) => {
      const program = {
        time_zone: zone,
        return_window_days: windowDays ?? null,
        wallets: [{ wallet: 'points', ...(expiry ? { expiry } : {}) }],
        clock_at: occurred,
      } as Partial<ProgramFacts>;
      const [award] = order([BASE, bought([1000], { occurred_at: occurred })], program).awards;
      const instant = (text: string | null) => (text === null ? null : new Date(text).toISOString());
      expect([award?.release_at, award?.expires_at]).toEqual([instant(releaseAt), instant(expiresAt)]);
    },
  );

  it('T7: what is acknowledged more than ten minutes ahead should have been refused', () => {
    const ahead = (minutes: string) => bought([1000], { occurred_at: `2027-04-10T12:${minutes}:00+09:00` });
    expect(calculate(PLAIN, [BASE, ahead('10')]).wrong_answers).toEqual([]);
    expect(calculate(PLAIN, [BASE, ahead('11')]).wrong_answers).toEqual([
      'purchase:o-1: occurred more than ten minutes ahead and should be refused, was acknowledged.',
    ]);
  });

  it('T6: an instant belongs to the month of the program’s zone', () => {
    const capped = rule('CAPPED', fixed(10), { cap: { awards: 1 } });
    const april = bought([1000], { occurred_at: '2027-04-30T14:30:00Z' });
    const may = bought([1000], { order_id: 'o-2', occurred_at: '2027-04-30T15:30:00Z' });
    const history = [capped, clockTo('2027-05-01T12:00:00+09:00'), april, may];
    expect(calculated(history).members.get('ann')?.get('points')?.available).toBe(20);
  });
});
