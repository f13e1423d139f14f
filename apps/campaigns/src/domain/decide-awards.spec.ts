import { instant, type Rounding } from '@kizuna/kernel';
import { decideAwards } from './decide-awards.js';
import type { EarningRule, Rate } from './earning-rule.js';
import { eligibleBase, type PurchaseMoney } from './eligible-base.js';

const rule = (code: string, given: Partial<EarningRule> & { rates?: readonly Rate[] } = {}): EarningRule => ({
  code,
  version: 1,
  label: code,
  labelJa: undefined,
  trigger: { kind: 'purchase' },
  wallet: 'points',
  priority: 0,
  lineFilter: {},
  conditions: [],
  minimumEligible: undefined,
  cap: undefined,
  pending: undefined,
  expiry: undefined,
  state: 'active',
  reward: { kind: 'base_rate', rates: given.rates ?? [{ currency: 'JPY', units: 1, per_minor: 100 }] },
  validFrom: instant('2027-01-01T00:00:00Z'),
  validTo: undefined,
  ruleSetRevision: 1,
  ...given,
});

const BASE = rule('BASE');
const WARE = rule('WARE', {
  priority: 10,
  lineFilter: { categories: ['ware'] },
  rates: [{ currency: 'JPY', units: 3, per_minor: 200 }],
});

interface Basket extends Partial<Omit<PurchaseMoney, 'lines'>> {
  readonly currency?: string;
  readonly lines: readonly (Partial<PurchaseMoney['lines'][number]> & { sku?: string; category?: string })[];
}

function earn(
  basket: Basket,
  rules: readonly EarningRule[] = [BASE],
  rounding: Rounding = 'floor',
  maxAward = 1e9,
) {
  const lines = basket.lines.map((line) => ({
    sku: 'x',
    quantity: 1,
    unit_price_minor: 0,
    discount_minor: 0,
    ...line,
  }));
  const money = {
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    paid_with_points_minor: 0,
    ...basket,
    lines,
  };
  const bases = eligibleBase(money, { earnNetOfTax: true });
  const outcomes = decideAwards({ currency: basket.currency ?? 'JPY', lines }, bases, rules, {
    rounding,
    maxAward,
  });
  return {
    paid: bases.map(({ paid }) => Number(paid)),
    eligible: bases.map(({ eligible }) => Number(eligible)),
    awards: Object.fromEntries(outcomes.map(({ rule: { code }, amount }) => [code, Number(amount)])),
    lines: Object.fromEntries(outcomes.map(({ rule: { code }, lines: parts }) => [code, parts.map(Number)])),
    reasons: Object.fromEntries(outcomes.map(({ rule: { code }, reason }) => [code, reason])),
  };
}

describe('base awards, as worked out in examples.md', () => {
  it('E1 one line', () => {
    expect(earn({ lines: [{ unit_price_minor: 4780 }] })).toMatchObject({
      eligible: [4780],
      awards: { BASE: 47 },
    });
  });

  it('E2 several lines', () => {
    const lines = [{ quantity: 2, unit_price_minor: 1250 }, { unit_price_minor: 2070 }];
    expect(earn({ lines })).toMatchObject({
      paid: [2500, 2070],
      awards: { BASE: 45 },
      lines: { BASE: [25, 20] },
    });
  });

  it('E3 a tie of fractions goes by line order', () => {
    const lines = [150, 150, 100].map((unit_price_minor) => ({ unit_price_minor }));
    expect(earn({ lines })).toMatchObject({ awards: { BASE: 4 }, lines: { BASE: [2, 1, 1] } });
  });

  it('E4 discounts on a line and on the order', () => {
    const lines = [{ quantity: 3, unit_price_minor: 1200, discount_minor: 300 }, { unit_price_minor: 1980 }];
    expect(earn({ lines, discount_minor: 500 })).toMatchObject({
      paid: [2987, 1793],
      awards: { BASE: 47 },
      lines: { BASE: [29, 18] },
    });
  });

  const taxed = {
    lines: [{ unit_price_minor: 5400 }, { unit_price_minor: 3300 }],
    prices_include_tax: true,
    tax_minor: 700,
  };

  it('E5 prices that include tax', () => {
    expect(earn(taxed)).toMatchObject({
      eligible: [4966, 3034],
      awards: { BASE: 80 },
      lines: { BASE: [50, 30] },
    });
  });

  it('E6 partly paid with points', () => {
    expect(earn({ ...taxed, paid_with_points_minor: 1000 })).toMatchObject({
      eligible: [4394, 2685],
      awards: { BASE: 70 },
      lines: { BASE: [43, 27] },
    });
  });

  it('E7 a gift card earns nothing and bears its share of the discount', () => {
    const lines = [{ unit_price_minor: 5000, kind: 'gift_card' }, { unit_price_minor: 2400 }];
    expect(earn({ lines, discount_minor: 740 })).toMatchObject({
      paid: [4500, 2160],
      eligible: [0, 2160],
      awards: { BASE: 21 },
      lines: { BASE: [0, 21] },
    });
  });

  it('E8 a base rule of higher priority takes its lines and comes first in the chain', () => {
    const lines = [
      { unit_price_minor: 1980, category: 'tea' },
      { unit_price_minor: 6850, category: 'ware' },
    ];
    expect(earn({ lines }, [BASE, WARE])).toMatchObject({
      awards: { WARE: 102, BASE: 20 },
      lines: { WARE: [0, 102], BASE: [20, 0] },
    });
  });

  it('E14 three decimals', () => {
    const kwd = rule('BASE', { rates: [{ currency: 'KWD', units: 1, per_minor: 250 }] });
    expect(earn({ currency: 'KWD', lines: [{ unit_price_minor: 12345 }] }, [kwd])).toMatchObject({
      awards: { BASE: 49 },
    });
  });

  it('E19 a currency without a rate', () => {
    expect(earn({ currency: 'USD', lines: [{ unit_price_minor: 5000 }] })).toMatchObject({
      awards: { BASE: 0 },
      reasons: { BASE: 'currency_not_covered' },
    });
  });
});

describe('rounding along the chain', () => {
  const lines = [{ unit_price_minor: 150, category: 'ware' }, { unit_price_minor: 150 }];
  const ware = rule('WARE', { priority: 1, lineFilter: { categories: ['ware'] } });

  it.each([
    ['floor', { WARE: 1, BASE: 2 }],
    ['ceil', { WARE: 2, BASE: 1 }],
    ['half_even', { WARE: 2, BASE: 1 }],
  ] as const)('%s', (rounding, awards) => {
    expect(earn({ lines }, [BASE, ware], rounding).awards).toEqual(awards);
  });

  it('keeps wallets apart', () => {
    const cashback = rule('CASH', {
      wallet: 'cashback',
      rates: [{ currency: 'JPY', units: 3, per_minor: 100 }],
    });
    expect(earn({ lines }, [BASE, cashback]).awards).toEqual({ BASE: 3, CASH: 9 });
  });
});

describe('a rule that gives nothing', () => {
  it.each([
    ['says that no line matched', { lines: [{ unit_price_minor: 100 }] }, WARE, 'no_line_matched'],
    [
      'says that nothing is eligible',
      { lines: [{ unit_price_minor: 100, kind: 'gift_card' }] },
      BASE,
      'nothing_eligible',
    ],
    ['says that it rounds to zero', { lines: [{ unit_price_minor: 99 }] }, BASE, 'rounds_to_zero'],
    [
      'grants nothing above the limit',
      { lines: [{ unit_price_minor: 1_000_000 }] },
      BASE,
      'amount_over_limit',
    ],
  ] as const)('%s', (_, basket, given, reason) => {
    const { awards, reasons } = earn(basket, [given], 'floor', 100);
    expect(reasons[given.code]).toBe(reason);
    expect(awards[given.code]).toBe(0);
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

  it('counts points that paid more than the goods as far as the goods go', () => {
    expect(earn({ lines: [{ unit_price_minor: 500 }], paid_with_points_minor: 900 }).eligible).toEqual([0]);
  });

  it('earns nothing on a line that is free', () => {
    expect(earn({ lines: [{ unit_price_minor: 100, discount_minor: 100 }] }).eligible).toEqual([0]);
  });
});
