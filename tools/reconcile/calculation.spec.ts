import fc from 'fast-check';
import { calculate, type CalculatedOrder, type ProgramFacts, type SentRequest } from './calculation.js';

const KOMOREBI: ProgramFacts = {
  program_id: 'komorebi-1',
  time_zone: 'Asia/Tokyo',
  currency: 'JPY',
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  starts_at: '2027-01-01T00:00:00+09:00',
  max_award: 1_000_000_000,
};

const post = (path: string, body: unknown, received_at?: string): SentRequest => ({
  path,
  body,
  status: path === '/v1/rules' ? 201 : 202,
  answer: {},
  ...(received_at === undefined ? {} : { received_at }),
});

const base = (over: object = {}, currency = 'JPY', units = 1, per_minor = 100): SentRequest =>
  post('/v1/rules', {
    code: 'BASE',
    label: '1 point per 100',
    trigger: 'purchase',
    wallet: 'points',
    priority: 0,
    reward: { kind: 'base_rate', rates: [{ currency, units, per_minor }] },
    valid_from: KOMOREBI.starts_at,
    ...over,
  });

/** A line is its amount, or the parts of it that matter. */
type Line = number | Record<string, unknown>;
const purchaseBody = (lines: readonly Line[], over: object = {}) => ({
  order_id: 'o-1',
  member_id: 'ann',
  occurred_at: '2027-04-10T10:00:00+09:00',
  currency: 'JPY',
  channel: 'web',
  lines: lines.map((line, i) => ({
    line_id: `${i + 1}`,
    sku: `sku-${i + 1}`,
    quantity: 1,
    discount_minor: 0,
    ...(typeof line === 'number' ? { unit_price_minor: line } : line),
  })),
  prices_include_tax: false,
  discount_minor: 0,
  tax_minor: 0,
  shipping_minor: 0,
  paid_with_points_minor: 0,
  coupon_codes: [],
  ...over,
});
const bought = (lines: readonly Line[], over: object = {}, receivedAt?: string) =>
  post('/v1/purchases', purchaseBody(lines, over), receivedAt);

let refundCount = 0;
const refundBody = (over: object) => ({
  refund_id: `r-${++refundCount}`,
  order_id: 'o-1',
  member_id: 'ann',
  occurred_at: '2027-04-12T10:00:00+09:00',
  currency: 'JPY',
  ...over,
});
const refunded = (over: object, receivedAt?: string) =>
  post('/v1/purchases/o-1/refunds', refundBody(over), receivedAt);
const back = (line_id: string, amount_minor: number) => refunded({ lines: [{ line_id, amount_minor }] });
const backWithoutLines = (amount_minor: number) => refunded({ amount_minor });

const order = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}): CalculatedOrder => {
  const found = calculate({ ...KOMOREBI, ...program }, requests).orders.get('o-1');
  if (found === undefined) throw new Error('the order is not in the calculation');
  return found;
};
const awardsOf = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}) =>
  order(requests, program).awards.map(({ rule, amount, lines }) => [
    rule,
    amount,
    lines.map(({ units }) => units),
  ]);
const clawback = (...refunds: readonly SentRequest[]) =>
  order([base(), bought([1980, 3500]), ...refunds]).awards.map(({ clawback_total }) => clawback_total);

const E5_LINES = [5400, 3300];
const E5_TAX = { prices_include_tax: true, tax_minor: 700 };
const E8_WARE = base({ code: 'WARE', priority: 10, line_filter: { categories: ['ware'] } }, 'JPY', 3, 200);
const E8_LINES = [
  { unit_price_minor: 1980, category: 'tea' },
  { unit_price_minor: 6850, category: 'ware' },
];

describe('earning by base rates (examples.md)', () => {
  it.each([
    ['E1', [4780], {}, [4780], 47, [47]],
    ['E2', [{ quantity: 2, unit_price_minor: 1250 }, 2070], {}, [2500, 2070], 45, [25, 20]],
    ['E3', [150, 150, 100], {}, [150, 150, 100], 4, [2, 1, 1]],
    [
      'E4',
      [{ quantity: 3, unit_price_minor: 1200, discount_minor: 300 }, 1980],
      { discount_minor: 500 },
      [2987, 1793],
      47,
      [29, 18],
    ],
    ['E5', E5_LINES, E5_TAX, [4966, 3034], 80, [50, 30]],
    ['E6', E5_LINES, { ...E5_TAX, paid_with_points_minor: 1000 }, [4394, 2685], 70, [43, 27]],
    [
      'E7',
      [{ unit_price_minor: 5000, kind: 'gift_card' }, 2400],
      { discount_minor: 740 },
      [0, 2160],
      21,
      [0, 21],
    ],
  ])('%s', (_name, lines: Line[], over, eligible, amount, units) => {
    const found = order([base(), bought(lines, over)]).awards[0];
    expect(found?.lines.map(({ eligible_minor }) => eligible_minor)).toEqual(eligible);
    expect(found?.amount).toBe(amount);
    expect(found?.lines.map((line) => line.units)).toEqual(units);
  });

  it('E8: one base rate per line, the higher priority first in the chain', () => {
    expect(awardsOf([base(), E8_WARE, bought(E8_LINES)])).toEqual([
      ['WARE', 102, [0, 102]],
      ['BASE', 20, [20, 0]],
    ]);
  });

  it.each([
    ['floor', 26, [12, 14]],
    ['ceil', 27, [13, 14]],
    ['half_even', 26, [12, 14]],
  ] as const)('E13, the base part: %s', (rounding, amount, units) => {
    expect(awardsOf([base(), bought([1250, 1400])], { rounding })).toEqual([['BASE', amount, units]]);
  });

  it('E14: a currency with three decimals', () => {
    expect(awardsOf([base({}, 'KWD', 1, 250), bought([12345], { currency: 'KWD' })])).toEqual([
      ['BASE', 49, [49]],
    ]);
  });

  it('E15: another wallet has its own chain', () => {
    const cashback = base({ code: 'CASHBACK', wallet: 'cashback-jpy' }, 'JPY', 3, 100);
    expect(awardsOf([base(), cashback, bought([1980, 6870])])).toEqual([
      ['BASE', 88, [20, 68]],
      ['CASHBACK', 265, [59, 206]],
    ]);
  });

  it('E19: a currency without a rate earns nothing and says so', () => {
    const found = order([base(), bought([4780], { currency: 'USD' })]);
    expect(found.awards).toEqual([]);
    expect(found.not_awarded).toEqual([{ rule: 'BASE', wallet: 'points', reason: 'currency_not_covered' }]);
  });
});

describe('earning, beyond the examples', () => {
  it('uses the tax a line states and shares the rest among the others', () => {
    const lines = [{ unit_price_minor: 1100, tax_minor: 100 }, 540, 540];
    const found = order([base(), bought(lines, { prices_include_tax: true, tax_minor: 180 })]).awards[0];
    expect(found?.lines.map(({ eligible_minor }) => eligible_minor)).toEqual([1000, 500, 500]);
  });

  it('earns on the whole price where the program says so', () => {
    expect(awardsOf([base(), bought(E5_LINES, E5_TAX)], { earn_net_of_tax: false })).toEqual([
      ['BASE', 87, [54, 33]],
    ]);
  });

  it('caps points that paid for the shipping too', () => {
    expect(awardsOf([base(), bought([1000], { paid_with_points_minor: 1500 })])).toEqual([]);
  });

  it('breaks a tie of priorities by the lower code', () => {
    const other = base({ code: 'AAA' }, 'JPY', 2, 100);
    expect(awardsOf([base(), other, bought([1000])])).toEqual([['AAA', 20, [20]]]);
  });

  it('rounds along the chain, so two halves make one', () => {
    const ware = base({ code: 'WARE', priority: 1, line_filter: { skus: ['sku-2'] } });
    expect(awardsOf([base(), ware, bought([150, 150])])).toEqual([
      ['WARE', 1, [0, 1]],
      ['BASE', 2, [2, 0]],
    ]);
  });

  it.each([
    ['2027-04-09T23:59:59+09:00', 1, 47],
    ['2027-04-10T00:00:00+09:00', 2, 95],
  ])('decides %s with version %i', (occurred_at, version, amount) => {
    const second = base({ valid_from: '2027-04-10T00:00:00+09:00' }, 'JPY', 2, 100);
    const found = order([base(), second, bought([4750], { occurred_at })]).awards[0];
    expect([found?.rule_version, found?.amount]).toEqual([version, amount]);
  });

  it('grants nothing of an order above the limit', () => {
    const found = order([base(), bought([4780])], { max_award: 46 });
    expect([found.state, found.review_reason, found.awards]).toEqual(['review', 'amount_over_limit', []]);
  });

  it.each([
    ['2027-05-10T10:00:00+09:00', 'decided'],
    ['2027-05-10T10:00:00.001+09:00', 'review'],
  ])('received at %s: %s', (receivedAt, state) => {
    expect(order([base(), bought([4780], {}, receivedAt)]).state).toBe(state);
  });

  it('gives a guest nothing', () => {
    const found = order([
      base(),
      bought([4780], { member_id: null }),
      refunded({ member_id: null, full: true }),
    ]);
    expect([found.state, found.awards, found.refunds[0]?.state]).toEqual(['decided', [], 'applied']);
  });
});

describe('duplicates, conflicts, batches', () => {
  const requests = [base(), bought([4780])];

  it('takes the same content again without effect, however its instant is written', () => {
    const again = bought([4780], { occurred_at: '2027-04-10T01:00:00.000Z' });
    const { orders, totals } = calculate(KOMOREBI, [...requests, again, again]);
    expect(totals).toMatchObject({ earned: 47, clawed_back: 0 });
    expect(orders.get('o-1')?.conflicts).toEqual([]);
  });

  it('keeps the first content of an event id and names the conflict', () => {
    const { orders, members } = calculate(KOMOREBI, [...requests, bought([9999], { member_id: 'bob' })]);
    expect(orders.get('o-1')).toMatchObject({ member_id: 'ann', conflicts: ['purchase:o-1'] });
    expect(members.get('ann')?.get('points')?.available).toBe(47);
    expect(members.get('bob')?.size).toBe(0);
  });

  it('keeps the first content of a refund', () => {
    const body = refundBody({ amount_minor: 100 });
    const send = (amount_minor: number) => post('/v1/purchases/o-1/refunds', { ...body, amount_minor });
    const found = order([...requests, send(478), send(4780)]);
    expect(found.awards[0]?.clawback_total).toBe(4);
    expect(found.conflicts).toEqual([`refund:o-1:${body.refund_id}`]);
  });

  it('refuses a refund of another member', () => {
    const found = order([...requests, refunded({ member_id: 'bob', full: true })]);
    expect([found.refunds[0]?.state, found.awards[0]?.clawback_total]).toEqual(['foreign_member', 0]);
  });

  it('passes over what was refused and counts the accepted items of a batch', () => {
    const event = (type: string, data: unknown) => ({ specversion: '1.0', type, data });
    const batch: SentRequest = {
      path: '/v1/events',
      status: 200,
      body: [
        event('kizuna.purchase.completed.v1', purchaseBody([4780])),
        event('kizuna.purchase.completed.v1', purchaseBody([4780], { order_id: 'o-2' })),
        event('kizuna.purchase.refunded.v1', refundBody({ full: true })),
      ],
      answer: { results: [{ status: 202 }, { status: 400 }, { status: 202 }] },
    };
    const refused = { ...bought([4780], { order_id: 'o-3' }), status: 400 };
    const { orders, totals } = calculate(KOMOREBI, [base(), batch, refused]);
    expect([...orders.keys()]).toEqual(['o-1']);
    expect(totals).toMatchObject({ earned: 47, clawed_back: 47 });
  });

  it('names what it cannot judge', () => {
    const other = base({ code: 'GIFT', reward: { kind: 'voucher' }, budget: 1 });
    const strange = base({
      code: 'ODD',
      conditions: [{ label: 'odd', expression: 'order.total_minor ~ 1' }],
    });
    const { not_covered } = calculate(KOMOREBI, [other, strange, post('/v1/holds', {})]);
    expect(not_covered).toEqual([
      'rule GIFT (purchase, voucher): reward voucher, budget',
      'rule ODD (purchase, base_rate): condition order.total_minor ~ 1',
      'POST /v1/holds',
    ]);
  });
});

describe('refunds (examples.md, BASE)', () => {
  const r1 = back('2', 1750);
  const onTea = back('1', 990);
  const without = backWithoutLines(1000);
  const half = () => backWithoutLines(1370);
  const full = refunded({ full: true });

  it.each<[string, SentRequest[], number]>([
    ['R1', [r1], 17],
    ['R2 at once', [back('2', 3500)], 34],
    ['R2 in parts', [back('2', 1), back('2', 1999), back('2', 1500)], 34],
    ['R3', [onTea, without], 19],
    ['R3 in the other order', [without, onTea], 19],
    ['R4 at once', [backWithoutLines(2740)], 27],
    ['R4 twice', [half(), half()], 27],
    ['R5 without lines', [backWithoutLines(5480)], 54],
    ['R5 full', [full], 54],
    ['R5 every line', [back('1', 1980), back('2', 3500)], 54],
    ['R12: R1 three times', [r1, r1, r1], 17],
  ])('%s', (_name, refunds, expected) => {
    expect(clawback(...refunds)).toEqual([expected]);
  });

  it('R6: what exceeds a line or the order is reported and does not spill over', () => {
    const found = order([base(), bought([1980, 3500]), back('1', 5000), backWithoutLines(9000)]);
    expect(found.awards[0]?.clawback_total).toBe(54);
    expect(found.refunds.map(({ over_minor }) => over_minor)).toEqual([3020, 5500]);
    expect(found.over_minor).toBe(8520);
  });

  it('R7: on E5', () => {
    expect(order([base(), bought(E5_LINES, E5_TAX), back('2', 1650)]).awards[0]?.clawback_total).toBe(15);
  });

  it.each([
    ['R8', 1, 68],
    ['R9', 2, 92],
    ['R10', 3, 116],
  ])('%s, the base part', (_name, count, expected) => {
    const lines = [
      { quantity: 2, unit_price_minor: 6800 },
      { quantity: 3, unit_price_minor: 2400 },
    ];
    const refunds = [back('1', 6800), back('2', 2400), back('2', 2400)].slice(0, count);
    expect(order([base(), bought(lines), ...refunds]).awards[0]?.clawback_total).toBe(expected);
  });

  it('R11: a refund before its order waits and is then applied', () => {
    expect(order([base(), r1])).toMatchObject({ state: 'awaited', refunds: [{ state: 'waiting' }] });
    expect(order([base(), r1, bought([1980, 3500])])).toMatchObject({
      state: 'decided',
      awards: [{ amount: 54, clawback_total: 17 }],
      refunds: [{ state: 'applied' }],
    });
  });
});

describe('refunds in any order and any split', () => {
  const anOrder = fc.record({
    lines: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 6 }),
    discount: fc.integer({ min: 0, max: 3_000 }),
    tax: fc.integer({ min: 0, max: 500 }),
  });
  const someRefunds = fc.array(
    fc.record({
      line: fc.integer({ min: 0, max: 6 }), // 0: without lines
      parts: fc.array(fc.integer({ min: 1, max: 8_000 }), { minLength: 1, maxLength: 3 }),
      key: fc.integer(),
    }),
    { maxLength: 6 },
  );
  const one = (line: number, amount: number) =>
    line === 0 ? backWithoutLines(amount) : back(`${line}`, amount);

  it('gives the same totals, never above the award, and a full refund leaves zero', () => {
    fc.assert(
      fc.property(anOrder, someRefunds, fc.boolean(), ({ lines, discount, tax }, refunds, early) => {
        const purchase = bought(lines, {
          discount_minor: discount,
          prices_include_tax: true,
          tax_minor: tax,
        });
        const atOnce = refunds.map(({ line, parts }) =>
          one(
            line,
            parts.reduce((a, b) => a + b, 0),
          ),
        );
        const inParts = [...refunds]
          .sort((a, b) => a.key - b.key)
          .flatMap(({ line, parts }) => parts.map((part) => one(line, part)));

        const first = order([base(), purchase, ...atOnce]);
        const second = order(early ? [base(), ...inParts, purchase] : [base(), purchase, ...inParts]);
        const full = order([base(), purchase, ...atOnce, refunded({ full: true })]);

        expect(second.awards).toEqual(first.awards);
        expect(second.over_minor).toBe(first.over_minor);
        for (const { amount, clawback_total } of first.awards)
          expect(clawback_total).toBeLessThanOrEqual(amount);
        expect(full.over_minor).toBe(first.over_minor);
        for (const { amount, clawback_total } of full.awards) expect(clawback_total).toBe(amount);
      }),
      { numRuns: 300 },
    );
  });
});
