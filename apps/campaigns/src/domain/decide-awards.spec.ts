import {
  BASE,
  BRANCH,
  earn,
  perHundred,
  rule,
  TEA,
  tea,
  times,
  ware,
  type Basket,
  type EarnOptions,
} from '../testing/earning.js';
import { decideEngagement } from './decide-engagement.js';
import type { EarningRule } from './earning-rule.js';

const WARE = rule('WARE', {
  priority: 10,
  lineFilter: { categories: ['ware'] },
  reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 3, per_minor: 200 }] },
});
const taxed: Basket = {
  lines: [{ unit_price_minor: 5400 }, { unit_price_minor: 3300 }],
  prices_include_tax: true,
  tax_minor: 700,
};
const E9: Basket = { lines: [tea(1980), ware(3500)] };
const teaTwice = (mode: 'best' | 'additive' | 'multiplicative') => [
  BASE,
  rule('DOUBLE', { lineFilter: { categories: ['tea'] }, reward: times(2, 'tea', mode) }),
  rule('TRIPLE', { lineFilter: { categories: ['tea'] }, reward: times(3, 'tea', mode) }),
];
const perStep = (accrual: 'exact' | 'per_step') =>
  rule('BASE', {
    reward: { kind: 'base_rate', accrual, rates: [{ currency: 'JPY', units: 2, per_minor: 200 }] },
  });
const HALF_MORE = rule('HALF', { reward: times(1.5, 'campaign') });
const FIRST = rule('FIRST', {
  reward: { kind: 'fixed', units: 200 },
  minimumEligible: 2000,
  conditions: [{ label: 'first purchase', labelJa: undefined, expression: 'member.is_first_purchase' }],
});

interface Row {
  readonly id: string;
  readonly basket: Basket;
  readonly rules?: readonly EarningRule[];
  readonly options?: EarnOptions;
  readonly paid?: readonly number[];
  readonly eligible?: readonly number[];
  readonly lines: Readonly<Record<string, readonly number[]>>;
  /** Where a rule's units belong to no line, or are not told per line. */
  readonly awards?: Readonly<Record<string, number>>;
  readonly reasons?: Readonly<Record<string, string>>;
  readonly sum: number;
}

const half: Basket = { lines: [{ unit_price_minor: 1250 }, { unit_price_minor: 1400 }] };

/** Rows of examples.md; the figures were worked out apart from this code. */
const rows: readonly Row[] = [
  {
    id: 'E1',
    basket: { lines: [{ unit_price_minor: 4780 }] },
    eligible: [4780],
    lines: { BASE: [47] },
    sum: 47,
  },
  {
    id: 'E2',
    basket: { lines: [{ quantity: 2, unit_price_minor: 1250 }, { unit_price_minor: 2070 }] },
    paid: [2500, 2070],
    lines: { BASE: [25, 20] },
    sum: 45,
  },
  {
    id: 'E3',
    basket: { lines: [150, 150, 100].map((unit_price_minor) => ({ unit_price_minor })) },
    lines: { BASE: [2, 1, 1] },
    sum: 4,
  },
  {
    id: 'E4',
    basket: {
      lines: [{ quantity: 3, unit_price_minor: 1200, discount_minor: 300 }, { unit_price_minor: 1980 }],
      discount_minor: 500,
    },
    paid: [2987, 1793],
    lines: { BASE: [29, 18] },
    sum: 47,
  },
  { id: 'E5', basket: taxed, paid: [5400, 3300], eligible: [4966, 3034], lines: { BASE: [50, 30] }, sum: 80 },
  {
    id: 'E6',
    basket: { ...taxed, paid_with_points_minor: 1000 },
    eligible: [4394, 2685],
    lines: { BASE: [43, 27] },
    sum: 70,
  },
  {
    id: 'E7',
    basket: { lines: [{ unit_price_minor: 5000, kind: 'gift_card' }, tea(2400)], discount_minor: 740 },
    paid: [4500, 2160],
    eligible: [0, 2160],
    lines: { BASE: [0, 21] },
    sum: 21,
  },
  {
    id: 'E8',
    basket: { lines: [tea(1980), ware(6850)] },
    rules: [BASE, WARE],
    lines: { WARE: [0, 102], BASE: [20, 0] },
    sum: 122,
  },
  { id: 'E9', basket: E9, rules: [BASE, TEA], lines: { BASE: [20, 34], TEA: [20, 0] }, sum: 74 },
  {
    id: 'E10',
    basket: E9,
    rules: [BASE, TEA, BRANCH],
    lines: { BASE: [20, 34], TEA: [20, 0], BRANCH: [5, 9] },
    sum: 88,
  },
  {
    id: 'E11a',
    basket: E9,
    rules: teaTwice('best'),
    lines: { BASE: [20, 34], TRIPLE: [40, 0] },
    reasons: { DOUBLE: 'beaten' },
    sum: 94,
  },
  {
    id: 'E11b',
    basket: E9,
    rules: teaTwice('additive'),
    lines: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [40, 0] },
    sum: 114,
  },
  {
    id: 'E11c',
    basket: E9,
    rules: teaTwice('multiplicative'),
    lines: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [79, 0] },
    sum: 153,
  },
  {
    id: 'E12 per step',
    basket: { lines: [{ unit_price_minor: 1390 }] },
    rules: [perStep('per_step')],
    lines: { BASE: [12] },
    sum: 12,
  },
  {
    id: 'E12 exact',
    basket: { lines: [{ unit_price_minor: 1390 }] },
    rules: [perStep('exact')],
    lines: { BASE: [13] },
    sum: 13,
  },
  {
    id: 'E13 floor',
    basket: half,
    rules: [BASE, HALF_MORE],
    lines: { BASE: [12, 14], HALF: [6, 7] },
    sum: 39,
  },
  {
    id: 'E13 ceil',
    basket: half,
    rules: [BASE, HALF_MORE],
    options: { settings: { rounding: 'ceil' } },
    lines: { BASE: [13, 14], HALF: [6, 7] },
    sum: 40,
  },
  {
    id: 'E13 half_even',
    basket: half,
    rules: [BASE, HALF_MORE],
    options: { settings: { rounding: 'half_even' } },
    lines: { BASE: [12, 14], HALF: [7, 7] },
    sum: 40,
  },
  {
    id: 'E14',
    basket: { currency: 'KWD', lines: [{ unit_price_minor: 12345 }] },
    rules: [
      rule('BASE', { reward: { kind: 'base_rate', rates: [{ currency: 'KWD', units: 1, per_minor: 250 }] } }),
    ],
    lines: { BASE: [49] },
    sum: 49,
  },
  {
    id: 'E15',
    basket: { lines: [tea(1980), ware(6870)] },
    rules: [rule('CASHBACK', { wallet: 'cashback', reward: { kind: 'cashback', percent_bp: 300 } })],
    lines: { CASHBACK: [59, 206] },
    sum: 265,
  },
  {
    id: 'E16 at the minimum',
    basket: { lines: [tea(2000)] },
    rules: [BASE, FIRST],
    options: { orders: 0 },
    lines: { BASE: [20], FIRST: [0] },
    awards: { BASE: 20, FIRST: 200 },
    sum: 220,
  },
  {
    id: 'E16 below it',
    basket: { lines: [tea(1999)] },
    rules: [BASE, FIRST],
    options: { orders: 0 },
    lines: { BASE: [19] },
    reasons: { FIRST: 'below_minimum' },
    sum: 19,
  },
  {
    id: 'E18',
    basket: E9,
    rules: [BASE, { ...TEA, cap: { units: 100 } }],
    options: { usage: { TEA: { awards: 3, units: 90n } } },
    lines: { BASE: [20, 34], TEA: [10, 0] },
    reasons: { TEA: 'cap_partly' },
    sum: 64,
  },
  {
    id: 'E19',
    basket: { currency: 'USD', lines: [{ unit_price_minor: 5000 }] },
    lines: {},
    reasons: { BASE: 'currency_not_covered' },
    sum: 0,
  },
  {
    id: 'E20',
    basket: { ...E9, attributes: { score: 5, n: 0 } },
    rules: [
      BASE,
      {
        ...TEA,
        conditions: [
          {
            label: 'score',
            labelJa: undefined,
            expression: 'order.attributes.score / order.attributes.n > 2',
          },
        ],
      },
    ],
    lines: { BASE: [20, 34] },
    reasons: { TEA: 'rule_failed' },
    sum: 54,
  },
];

describe('the worked examples', () => {
  it.each(rows)('$id', ({ basket, rules, options, ...expected }) => {
    const found = earn(basket, rules, options);
    if (expected.paid) expect(found.paid).toEqual(expected.paid);
    if (expected.eligible) expect(found.eligible).toEqual(expected.eligible);
    expect(found.lines).toEqual(expected.lines);
    if (expected.awards) expect(found.awards).toEqual(expected.awards);
    for (const [code, reason] of Object.entries(expected.reasons ?? {}))
      expect(found.reasons[code]?.code).toBe(reason);
    expect(found.sum).toBe(expected.sum);
  });

  it('E11a says by what it is beaten', () =>
    expect(earn(E9, teaTwice('best')).reasons['DOUBLE']).toEqual({ code: 'beaten', by: 'TRIPLE' }));

  it('E16 says what the order counts and what is needed', () =>
    expect(earn({ lines: [tea(1999)] }, [FIRST], { orders: 0 }).reasons['FIRST']).toEqual({
      code: 'below_minimum',
      eligible: 1999n,
      minimum: 2000n,
    }));

  it.each([
    ['the first three', { awards: 2, units: 60n }, 30, undefined],
    ['the fourth', { awards: 3, units: 90n }, 0, 'cap_reached'],
    ['one in the next month', { awards: 0, units: 0n }, 30, undefined],
  ])('E17 %s', (_, used, amount, reason) => {
    const review = rule('REVIEW', {
      trigger: { kind: 'engagement', activity: 'review' },
      reward: { kind: 'fixed', units: 30 },
      cap: { awards: 3 },
    });
    const given = { answerOf: () => 'met' as const, usageOf: () => used, maxAward: 1e9 };
    const [outcome] = decideEngagement('review', [review], given);
    expect(Number(outcome?.amount)).toBe(amount);
    expect(outcome?.reason?.code).toBe(reason);
    expect(decideEngagement('survey', [review], given)).toEqual([]);
  });
});

describe('one base rate per line', () => {
  it('a rule without a line of its own is beaten by the one that took them', () =>
    expect(earn({ lines: [ware(6850)] }, [BASE, WARE]).reasons['BASE']).toEqual({
      code: 'beaten',
      by: 'WARE',
    }));

  it('a rule whose condition fails takes no line from another', () => {
    const web = {
      ...WARE,
      conditions: [{ label: 'in a store', labelJa: undefined, expression: 'order.channel == "store"' }],
    };
    expect(earn({ lines: [ware(6850)] }, [BASE, web])).toMatchObject({
      awards: { BASE: 68 },
      reasons: { WARE: { code: 'condition_not_met', condition: { label: 'in a store' } } },
    });
  });

  it('nor does one below its minimum', () =>
    expect(earn({ lines: [ware(6850)] }, [BASE, { ...WARE, minimumEligible: 7000 }]).awards).toEqual({
      BASE: 68,
    }));

  it('cashback and rates of one wallet compete by priority', () => {
    const cashback = rule('CASHBACK', {
      priority: 5,
      lineFilter: { categories: ['tea'] },
      reward: { kind: 'cashback', percent_bp: 300 },
    });
    expect(earn(E9, [BASE, cashback]).lines).toEqual({ CASHBACK: [59, 0], BASE: [0, 35] });
  });

  it('filters by attributes, whatever their kind', () => {
    const organic = rule('ORGANIC', { lineFilter: { attributes: { organic: ['true'], grade: ['2', '3'] } } });
    const lines = [
      tea(1000, { attributes: { organic: true, grade: 2 } }),
      tea(1000, { attributes: { organic: true } }),
    ];
    expect(earn({ lines }, [organic]).lines).toEqual({ ORGANIC: [10, 0] });
  });
});

describe('rounding along the chain', () => {
  const lines = [ware(150), tea(150)];
  const wareFirst = rule('WARE', { priority: 1, lineFilter: { categories: ['ware'] } });

  it.each([
    ['floor', { WARE: 1, BASE: 2 }],
    ['ceil', { WARE: 2, BASE: 1 }],
    ['half_even', { WARE: 2, BASE: 1 }],
  ] as const)('%s', (rounding, awards) =>
    expect(earn({ lines }, [BASE, wareFirst], { settings: { rounding } }).awards).toEqual(awards),
  );

  it('keeps wallets apart', () => {
    const other = rule('OTHER', { wallet: 'other' });
    expect(earn({ lines }, [BASE, other]).awards).toEqual({ BASE: 3, OTHER: 3 });
  });

  it('cuts fractions on every line where the program says so', () => {
    const settings = { roundingScope: 'line' } as const;
    expect(earn(half, [BASE, HALF_MORE], { settings }).lines).toEqual({ BASE: [12, 14], HALF: [6, 7] });
    expect(earn({ lines: [tea(150), tea(150), tea(100)] }, [BASE], { settings }).lines).toEqual({
      BASE: [1, 1, 1],
    });
    expect(earn({ lines: [tea(390), tea(390)] }, [perStep('per_step')], { settings }).awards).toEqual({
      BASE: 4,
    });
    expect(earn({ lines: [tea(390), tea(390)] }, [perStep('per_step')]).awards).toEqual({ BASE: 6 });
  });

  it('lets multipliers work on the rounded base where the program says so', () => {
    const basket = { lines: [tea(1990)] };
    expect(earn(basket, [BASE, HALF_MORE]).awards).toEqual({ BASE: 19, HALF: 10 });
    expect(earn(basket, [BASE, HALF_MORE], { settings: { bonusFrom: 'rounded_base' } }).awards).toEqual({
      BASE: 19,
      HALF: 9,
    });
  });

  it('multiplies what whole steps gave', () =>
    expect(earn({ lines: [tea(1390)] }, [perStep('per_step'), HALF_MORE]).awards).toEqual({
      BASE: 12,
      HALF: 6,
    }));
});

describe('multipliers', () => {
  it('of equal ones in a best group the first by code counts', () => {
    const twins = ['A', 'B'].map((code) => rule(code, { reward: times(2, 'twins', 'best') }));
    expect(earn(E9, [BASE, ...twins]).awards).toEqual({ BASE: 54, A: 55 });
  });

  it('in a best group each line has its own winner', () => {
    const all = rule('ALL', { reward: times(1.5, 'g', 'best') });
    const double = rule('DOUBLE', { lineFilter: { categories: ['tea'] }, reward: times(2, 'g', 'best') });
    expect(earn(E9, [BASE, all, double]).lines).toEqual({ BASE: [20, 34], ALL: [0, 18], DOUBLE: [20, 0] });
  });

  it('do nothing where their wallet has no base', () =>
    expect(earn(E9, [TEA]).reasons['TEA']).toEqual({ code: 'nothing_eligible' }));
});

describe('fixed bonuses', () => {
  const WELCOME = rule('WELCOME', { reward: { kind: 'fixed', units: 50 } });

  it('are given once, whatever the lines, and belong to none of them', () =>
    expect(earn(E9, [WELCOME])).toMatchObject({ awards: { WELCOME: 50 }, lines: { WELCOME: [0, 0] } }));

  it('are not given for an order that cannot earn', () =>
    expect(
      earn({ lines: [{ unit_price_minor: 5000, kind: 'gift_card' }] }, [WELCOME]).reasons['WELCOME'],
    ).toEqual({
      code: 'nothing_eligible',
    }));
});

describe('caps', () => {
  const capped = (cap: NonNullable<EarningRule['cap']>) => [BASE, { ...TEA, cap }];

  it('that must be all or nothing give nothing when they are short', () =>
    expect(earn(E9, capped({ units: 19, all_or_nothing: true }))).toMatchObject({
      awards: { BASE: 54 },
      reasons: { TEA: { code: 'cap_reached', uncapped: 20n } },
    }));

  it('that are used up, or more than used up, give nothing', () => {
    const options = { usage: { TEA: { awards: 1, units: 120n } } };
    expect(earn(E9, capped({ units: 100 }), options).reasons['TEA']?.code).toBe('cap_reached');
  });

  it('that are exactly enough are no matter', () =>
    expect(earn(E9, capped({ units: 20, awards: 1 })).reasons['TEA']).toBeUndefined());

  it('change nothing for the rules behind them', () => {
    const [base, tea2] = capped({ units: 1 });
    const late = rule('Z', { reward: times(1.5, 'z') });
    expect(earn(E9, [base, tea2, late] as EarningRule[]).awards).toEqual({
      BASE: 54,
      TEA: 1,
      Z: earn(E9, [BASE, TEA, late]).awards['Z'],
    });
  });
});

describe('a rule that gives nothing', () => {
  it.each([
    ['says that no line matched', { lines: [tea(100)] }, WARE, 'no_line_matched'],
    ['says that nothing is eligible', { lines: [tea(100, { kind: 'gift_card' })] }, BASE, 'nothing_eligible'],
    ['says that it rounds to zero', { lines: [tea(99)] }, BASE, 'rounds_to_zero'],
    ['grants nothing above the limit', { lines: [tea(1_000_000)] }, BASE, 'amount_over_limit'],
    [
      'says that it is less than one whole step',
      { lines: [tea(150)] },
      perStep('per_step'),
      'rounds_to_zero',
    ],
    [
      'cannot compare its minimum with money of another currency',
      { currency: 'USD', lines: [tea(1000)] },
      rule('FIXED', { reward: { kind: 'fixed', units: 5 }, minimumEligible: 500 }),
      'currency_not_covered',
    ],
    [
      'covers no currency but the program’s with cashback',
      { currency: 'USD', lines: [tea(1000)] },
      rule('CASH', { reward: { kind: 'cashback', percent_bp: 100 } }),
      'currency_not_covered',
    ],
  ] as const)('%s', (_, basket, given, reason) => {
    const { awards, reasons } = earn(basket, [given], { settings: { maxAward: 100 } });
    expect(reasons[given.code]?.code).toBe(reason);
    expect(awards).toEqual({});
  });
});

describe('what is paid and what earns', () => {
  it('takes a line’s own tax where it is given and shares the rest', () => {
    const lines = [
      { unit_price_minor: 1100, tax_minor: 100 },
      { unit_price_minor: 1080 },
      { unit_price_minor: 540 },
    ];
    expect(earn({ lines, prices_include_tax: true, tax_minor: 220 }).eligible).toEqual([1000, 1000, 500]);
  });

  it('counts points that paid more than the goods as far as the goods go', () =>
    expect(earn({ lines: [tea(500)], paid_with_points_minor: 900 }).eligible).toEqual([0]));

  it('earns nothing on a line that is free', () =>
    expect(earn({ lines: [tea(100, { discount_minor: 100 })] }).eligible).toEqual([0]));
});

describe('conditions', () => {
  it('see the order, the member and the time in the program’s zone', () => {
    const seen = (expression: string): boolean => {
      const asked = rule('X', {
        reward: perHundred,
        conditions: [{ label: 'x', labelJa: undefined, expression }],
      });
      const basket = {
        ...E9,
        store_id: 's1',
        coupon_codes: ['SPRING'],
        discount_minor: 80,
        attributes: { vip: true },
      };
      return earn(basket, [asked], { orders: 2 }).reasons['X'] === undefined;
    };
    for (const holds of [
      'time.weekday == 6 && time.hour == 10 && time.day == 10 && time.month == 4 && time.year == 2027',
      'order.total_minor == 5400 && order.eligible_minor == 5400 && order.discount_minor == 80',
      '"tea" in order.categories && order.quantity == 2 && order.store_id == "s1"',
      '"SPRING" in order.coupon_codes && order.attributes.vip == true && order.payment_method == ""',
      'member.orders == 2 && !member.is_first_purchase',
    ])
      expect([holds, seen(holds)]).toEqual([holds, true]);
  });
});
