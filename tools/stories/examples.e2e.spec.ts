import type { Line, Order, PurchaseStatus, Refund, Shop } from './shop.js';
import { useStory } from './story.js';

/** The worked examples that base rates reach. `[a, b]` = per line; amounts in minor units. */
interface Example {
  readonly name: string;
  readonly shop?: 'tea' | 'ware' | 'kuwait';
  readonly order: Omit<Order, 'order_id' | 'member_id'>;
  readonly eligible?: readonly number[];
  /** Units per rule and line. */
  readonly awards: Readonly<Record<string, readonly number[]>>;
  readonly notAwarded?: Readonly<Record<string, string>>;
  readonly refunds?: readonly Omit<Refund, 'refund_id' | 'member_id'>[];
  readonly areRefundsFirst?: boolean;
  readonly sentTimes?: number;
  readonly clawedBack?: number;
  readonly over?: number;
}

const line = (price: number, more: Partial<Line> = {}): Line => ({
  sku: `SKU-${price}`,
  unit_price_minor: price,
  ...more,
});
const withTax = { prices_include_tax: true, tax_minor: 700, lines: [line(5_400), line(3_300)] };
const teaAndWare = [line(1_980, { category: 'tea' }), line(6_850, { category: 'ware' })];

const EARNING: readonly Example[] = [
  { name: 'E1', order: { lines: [line(4_780)] }, eligible: [4_780], awards: { BASE: [47] } },
  {
    name: 'E2',
    order: { lines: [line(1_250, { quantity: 2 }), line(2_070)] },
    eligible: [2_500, 2_070],
    awards: { BASE: [25, 20] },
  },
  {
    name: 'E3',
    order: { lines: [line(150), line(150), line(100)] },
    eligible: [150, 150, 100],
    awards: { BASE: [2, 1, 1] },
  },
  {
    name: 'E4',
    order: {
      discount_minor: 500,
      lines: [line(1_200, { quantity: 3, discount_minor: 300 }), line(1_980)],
    },
    eligible: [2_987, 1_793],
    awards: { BASE: [29, 18] },
  },
  { name: 'E5', order: withTax, eligible: [4_966, 3_034], awards: { BASE: [50, 30] } },
  {
    name: 'E6',
    order: { ...withTax, paid_with_points_minor: 1_000 },
    eligible: [4_394, 2_685],
    awards: { BASE: [43, 27] },
  },
  {
    name: 'E7',
    order: { discount_minor: 740, lines: [line(5_000, { kind: 'gift_card' }), line(2_400)] },
    eligible: [0, 2_160],
    awards: { BASE: [0, 21] },
  },
  { name: 'E8', shop: 'ware', order: { lines: teaAndWare }, awards: { WARE: [0, 102], BASE: [20, 0] } },
  {
    name: 'E14',
    shop: 'kuwait',
    order: { lines: [line(12_345)] },
    eligible: [12_345],
    awards: { BASE: [49] },
  },
  {
    name: 'E19',
    order: { currency: 'USD', lines: [line(4_780)] },
    awards: {},
    notAwarded: { BASE: 'currency_not_covered' },
  },
];

const R_ORDER = { lines: [line(1_980), line(3_500)] };
const R_AWARDS = { BASE: [20, 34] };
const on = (lineId: string, amount: number) => ({ lines: [{ line_id: lineId, amount_minor: amount }] });
const withoutLines = (amount: number) => ({ amount_minor: amount });
const TEA = '1';
const CUPS = '2';

const refunded = (name: string, clawedBack: number, refunds: Example['refunds'], more = {}): Example => ({
  name,
  order: R_ORDER,
  awards: R_AWARDS,
  refunds,
  clawedBack,
  ...more,
});

const REFUNDING: readonly Example[] = [
  refunded('R1', 17, [on(CUPS, 1_750)]),
  refunded('R2, at once', 34, [on(CUPS, 3_500)]),
  refunded('R2, in parts', 34, [on(CUPS, 1), on(CUPS, 1_999), on(CUPS, 1_500)]),
  refunded('R3', 19, [on(TEA, 990), withoutLines(1_000)]),
  refunded('R3, the other way round', 19, [withoutLines(1_000), on(TEA, 990)]),
  refunded('R4, at once', 27, [withoutLines(2_740)]),
  refunded('R4, twice', 27, [withoutLines(1_370), withoutLines(1_370)]),
  refunded('R5, without lines', 54, [withoutLines(5_480)]),
  refunded('R5, in full', 54, [{ full: true }]),
  refunded('R5, every line', 54, [on(TEA, 1_980), on(CUPS, 3_500)]),
  refunded('R6', 54, [on(TEA, 5_000), withoutLines(9_000)], { over: 8_520 }),
  { ...refunded('R7', 15, [on('2', 1_650)]), order: withTax, awards: { BASE: [50, 30] } },
  refunded('R11', 17, [on(CUPS, 1_750)], { areRefundsFirst: true }),
  refunded('R12', 17, [on(CUPS, 1_750)], { sentTimes: 3 }),
];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const idOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, '-');

describe('the worked examples, over the running services', () => {
  const shops = new Map<string, Shop>();
  const shopOf = ({ shop = 'tea' }: Example): Shop => shops.get(shop)!;

  useStory(async (story) => {
    const tea = await story.program('tea');
    const ware = await story.program('ware');
    const kuwait = await story.program('kuwait', { currency: 'KWD', timeZone: 'Asia/Kuwait' });
    await tea.earns('BASE', 1, 100);
    await ware.earns('BASE', 1, 100);
    await ware.earns('WARE', 3, 200, { priority: 10, categories: ['ware'] });
    await kuwait.earns('BASE', 1, 250);
    for (const [name, shop] of Object.entries({ tea, ware, kuwait })) shops.set(name, shop);
    await Promise.all([...EARNING, ...REFUNDING].map(send));
    await story.settled();
  });

  /** Everything of one example goes one after the other, as a storefront sends it; the examples go side by side. */
  async function send(example: Example): Promise<void> {
    const shop = shopOf(example);
    const id = idOf(example.name);
    const buy = () => shop.buys({ order_id: id, member_id: `member-${id}`, ...example.order });
    if (!example.areRefundsFirst) await buy();
    for (const [index, refund] of (example.refunds ?? []).entries())
      for (let sent = 0; sent < (example.sentTimes ?? 1); sent += 1)
        await shop.refunds(id, { refund_id: `${id}-${index}`, member_id: `member-${id}`, ...refund });
    if (example.areRefundsFirst) await buy();
  }

  function unitsOf({ awards }: PurchaseStatus, { order }: Example): Record<string, number[]> {
    const units = (lines: PurchaseStatus['awards'][number]['lines']): number[] =>
      order.lines.map((_, index) => lines.find(({ line_id }) => line_id === String(index + 1))?.units ?? 0);
    return Object.fromEntries(awards.map(({ rule, lines }) => [rule, units(lines)]));
  }

  it.each(EARNING.map((example) => [example.name, example] as const))('%s earns', async (name, example) => {
    const status = await shopOf(example).decided(idOf(name));
    const awarded = Object.fromEntries(status.awards.map(({ rule, amount }) => [rule, amount]));
    const wanted = Object.fromEntries(
      Object.entries(example.awards).map(([rule, units]) => [rule, sum(units)]),
    );

    expect(unitsOf(status, example)).toEqual(example.awards);
    expect(awarded).toEqual(wanted);
    expect(await shopOf(example).awards(idOf(name))).toEqual(wanted);
    if (example.eligible)
      expect(status.awards[0]?.lines.map(({ eligible_minor }) => eligible_minor)).toEqual(example.eligible);
    expect(status.no_awards).toMatchObject(
      Object.entries(example.notAwarded ?? {}).map(([rule, reason]) => ({ rule, reason })),
    );
    expect(await shopOf(example).wallet(`member-${idOf(name)}`)).toEqual([
      0,
      sum(Object.values(wanted)),
      0,
      0,
    ]);
  });

  it.each(REFUNDING.map((example) => [example.name, example] as const))(
    '%s takes back',
    async (name, example) => {
      const { clawedBack = 0, over = 0, refunds = [] } = example;
      const units = sum(Object.values(example.awards).flat());

      const status = await shopOf(example).decided(idOf(name));
      expect(status.refunds.map(({ state }) => state)).toEqual(refunds.map(() => 'applied'));
      expect(unitsOf(status, example)).toEqual(example.awards);
      expect(status.awards).toMatchObject([{ rule: 'BASE', amount: units, clawback_total: clawedBack }]);
      expect(sum(status.refunds.map(({ over_minor }) => over_minor))).toBe(over);
      expect(await shopOf(example).wallet(`member-${idOf(name)}`)).toEqual([0, units - clawedBack, 0, 0]);
    },
  );
});
