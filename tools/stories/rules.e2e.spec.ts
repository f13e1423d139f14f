import type { Line, Order, PurchaseStatus, Refund, Shop } from './shop.js';
import { useStory, type ProgramWanted } from './story.js';

/** The worked examples that need more than a base rate. `[a, b]` = units per line. */
type Rules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Example {
  readonly order: Omit<Order, 'order_id' | 'member_id'>;
  readonly awards: Readonly<Record<string, readonly number[]>>;
  /** Of fixed bonuses, which have no lines. */
  readonly fixed?: Readonly<Record<string, number>>;
  readonly notAwarded?: Readonly<Record<string, string>>;
  readonly refunds?: readonly Omit<Refund, 'refund_id' | 'member_id'>[];
  readonly clawedBack?: Readonly<Record<string, number>>;
}

interface Suite {
  readonly program?: ProgramWanted;
  readonly rules: Rules;
  readonly examples: Readonly<Record<string, Example>>;
}

const line = (price: number, more: Partial<Line> = {}): Line => ({
  sku: `SKU-${price}`,
  unit_price_minor: price,
  ...more,
});
const jpy = (units: number, per_minor: number, more = {}) => ({
  reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units, per_minor }], ...more },
});
const times = (multiplier_bp: number, group: string, mode: string, more = {}) => ({
  reward: { kind: 'multiplier', multiplier_bp, group, mode },
  ...more,
});
const fixed = (units: number, more = {}) => ({ reward: { kind: 'fixed', units }, ...more });
const tea = { line_filter: { categories: ['tea'] } };
const BASE = jpy(1, 100);
const BASKET = { lines: [line(1_980, { category: 'tea' }), line(3_500, { category: 'ware' })] };
const E10 = { BASE: [20, 34], TEA: [20, 0], BRANCH: [5, 9] };
const on = (lineId: string, amount: number) => ({ lines: [{ line_id: lineId, amount_minor: amount }] });
const withoutLines = (amount: number) => ({ amount_minor: amount });
const back = (refunds: Example['refunds'], base: number, forTea: number, branch: number): Example => ({
  order: BASKET,
  awards: E10,
  refunds,
  clawedBack: { BASE: base, TEA: forTea, BRANCH: branch },
});
const group = (mode: string): Rules => ({
  BASE,
  DOUBLE: times(20_000, 'tea', mode, tea),
  TRIPLE: times(30_000, 'tea', mode, tea),
});
const rounded = (rounding: string, awards: Example['awards']): Suite => ({
  program: { settings: { rounding } },
  rules: { BASE, HALF: times(15_000, 'all', 'best') },
  examples: { [`E13 ${rounding}`]: { order: { lines: [line(1_250), line(1_400)] }, awards } },
});
const TEAPOTS = { lines: [line(6_800, { quantity: 2 }), line(2_400, { quantity: 3 })] };
const big = (refunds: Example['refunds'], base: number, bonus: number): Example => ({
  order: TEAPOTS,
  awards: { BASE: [136, 72] },
  fixed: { BIG: 300 },
  refunds,
  clawedBack: { BASE: base, BIG: bonus },
});
const first = (refunds: Example['refunds'], base: number, bonus: number): Example => ({
  order: BASKET,
  awards: { BASE: [20, 34] },
  fixed: { FIRST: 200 },
  refunds,
  clawedBack: { BASE: base, FIRST: bonus },
});
const isFirst = { conditions: [{ label: 'first order', expression: 'member.is_first_purchase' }] };

const SUITES: Readonly<Record<string, Suite>> = {
  tea: {
    rules: { BASE, TEA: times(20_000, 'campaign', 'best', tea) },
    examples: { E9: { order: BASKET, awards: { BASE: [20, 34], TEA: [20, 0] } } },
  },
  branch: {
    rules: { BASE, TEA: times(20_000, 'campaign', 'best', tea), BRANCH: times(12_500, 'tier', 'best') },
    examples: {
      E10: { order: BASKET, awards: E10 },
      R1: back([on('2', 1_750)], 17, 0, 4),
      'R2 at once': back([on('2', 3_500)], 34, 0, 9),
      'R2 in parts': back([on('2', 1), on('2', 1_999), on('2', 1_500)], 34, 0, 9),
      R3: back([on('1', 990), withoutLines(1_000)], 19, 12, 5),
      'R3 the other way': back([withoutLines(1_000), on('1', 990)], 19, 12, 5),
      'R4 at once': back([withoutLines(2_740)], 27, 10, 6),
      'R4 twice': back([withoutLines(1_370), withoutLines(1_370)], 27, 10, 6),
      'R5 without lines': back([withoutLines(5_480)], 54, 20, 14),
      'R5 in full': back([{ full: true }], 54, 20, 14),
      'R5 every line': back([on('1', 1_980), on('2', 3_500)], 54, 20, 14),
      R6: back([on('1', 5_000), withoutLines(9_000)], 54, 20, 14),
    },
  },
  best: {
    rules: group('best'),
    examples: {
      E11a: {
        order: BASKET,
        awards: { BASE: [20, 34], TRIPLE: [40, 0] },
        notAwarded: { DOUBLE: 'beaten' },
      },
    },
  },
  additive: {
    rules: group('additive'),
    examples: { E11b: { order: BASKET, awards: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [40, 0] } } },
  },
  multiplicative: {
    rules: group('multiplicative'),
    examples: { E11c: { order: BASKET, awards: { BASE: [20, 34], DOUBLE: [20, 0], TRIPLE: [79, 0] } } },
  },
  steps: {
    rules: { BASE: jpy(2, 200, { accrual: 'per_step' }) },
    examples: { 'E12 per step': { order: { lines: [line(1_390)] }, awards: { BASE: [12] } } },
  },
  exact: {
    rules: { BASE: jpy(2, 200) },
    examples: { 'E12 exact': { order: { lines: [line(1_390)] }, awards: { BASE: [13] } } },
  },
  floor: rounded('floor', { BASE: [12, 14], HALF: [6, 7] }),
  ceil: rounded('ceil', { BASE: [13, 14], HALF: [6, 7] }),
  halfEven: rounded('half_even', { BASE: [12, 14], HALF: [7, 7] }),
  cashback: {
    program: { settings: { wallets: [{ wallet: 'points' }, { wallet: 'cashback' }] } },
    rules: { CASHBACK: { wallet: 'cashback', reward: { kind: 'cashback', percent_bp: 300 } } },
    examples: { E15: { order: { lines: [line(1_980), line(6_870)] }, awards: { CASHBACK: [59, 206] } } },
  },
  first: {
    rules: { BASE, FIRST: fixed(200, { ...isFirst, minimum_eligible_minor: 2_000 }) },
    examples: {
      'E16 of 2,000': { order: { lines: [line(2_000)] }, awards: { BASE: [20] }, fixed: { FIRST: 200 } },
      'E16 of 1,999': {
        order: { lines: [line(1_999)] },
        awards: { BASE: [19] },
        notAwarded: { FIRST: 'below_minimum' },
      },
    },
  },
  withoutMinimum: {
    rules: { BASE, FIRST: fixed(200, isFirst) },
    examples: {
      'R13 all but a yen': first([withoutLines(5_479)], 52, 0),
      'R13 the last yen': first([withoutLines(5_479), withoutLines(1)], 54, 200),
    },
  },
  big: {
    rules: { BASE, BIG: fixed(300, { minimum_eligible_minor: 10_000 }) },
    examples: {
      R8: big([on('1', 6_800)], 68, 0),
      R9: big([on('1', 6_800), on('2', 2_400)], 92, 0),
      R10: big([on('1', 6_800), on('2', 2_400), on('2', 2_400)], 116, 300),
    },
  },
  failing: {
    rules: {
      BASE,
      SCORE: fixed(50, {
        conditions: [{ label: 'score', expression: 'order.attributes.score / order.attributes.n > 2' }],
      }),
    },
    examples: {
      E20: {
        order: { lines: [line(4_780)], attributes: { score: 5, n: 0 } },
        awards: { BASE: [47] },
        notAwarded: { SCORE: 'rule_failed' },
      },
    },
  },
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const idOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, '-');

describe('the worked examples of rules, over the running services', () => {
  const shops = new Map<string, Shop>();

  useStory(async (story) => {
    for (const [word, { program, rules, examples }] of Object.entries(SUITES)) {
      const shop = await story.program(idOf(word).toLowerCase(), program);
      shops.set(word, shop);
      for (const [code, rule] of Object.entries(rules)) await shop.rule(code, rule);
      await Promise.all(Object.entries(examples).map(([name, example]) => send(shop, name, example)));
    }
    await story.settled();
  });

  async function send(shop: Shop, name: string, { order, refunds = [] }: Example): Promise<void> {
    const id = idOf(name);
    await shop.buys({ order_id: id, member_id: `member-${id}`, ...order });
    for (const [index, refund] of refunds.entries())
      await shop.refunds(id, { refund_id: `${id}-${index}`, member_id: `member-${id}`, ...refund });
  }

  function unitsOf({ awards }: PurchaseStatus, { order, fixed: bonuses = {} }: Example): Example['awards'] {
    const spread = awards.filter(({ rule }) => !(rule in bonuses));
    return Object.fromEntries(
      spread.map(({ rule, lines }) => [
        rule,
        order.lines.map((_, index) => lines.find(({ line_id }) => line_id === String(index + 1))?.units ?? 0),
      ]),
    );
  }

  const cases = Object.entries(SUITES).flatMap(([word, { examples }]) =>
    Object.entries(examples).map(([name, example]) => [name, word, example] as const),
  );

  it.each(cases)('%s', async (name, word, example) => {
    const shop = shops.get(word);
    if (!shop) throw new Error(`there is no shop ${word}`);
    const { awards, fixed: bonuses = {}, notAwarded = {}, clawedBack } = example;
    const status = await shop.decided(idOf(name));

    expect(unitsOf(status, example)).toEqual(awards);
    const amounts = Object.fromEntries(status.awards.map(({ rule, amount }) => [rule, amount]));
    const spread = Object.entries(awards).map(([rule, units]): [string, number] => [rule, sum(units)]);
    expect(amounts).toEqual({ ...Object.fromEntries(spread), ...bonuses });
    for (const [rule, reason] of Object.entries(notAwarded)) {
      const none = status.no_awards.find((one) => one.rule === rule);
      expect(none).toMatchObject({ reason, text: { en: expect.any(String), ja: expect.any(String) } });
    }
    if (!clawedBack) return;
    const taken = status.awards.map(({ rule, clawback_total }) => [rule, clawback_total]);
    expect(Object.fromEntries(taken)).toEqual(clawedBack);
    const units = sum(Object.values(amounts)) - sum(Object.values(clawedBack));
    expect(await shop.wallet(`member-${idOf(name)}`)).toEqual([0, units, 0, 0]);
  });
});
