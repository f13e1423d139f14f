import fc from 'fast-check';
import { instant, type Instant } from '@kizuna/kernel';
import type { EarningRule } from './earning-rule.js';
import { unknownOrder, type Order, type OrderChange } from './order.js';
import { recordPurchase, type ProgramRules, type PurchaseFacts } from './record-purchase.js';
import { recordRefund, type ArrivedRefund } from './record-refund.js';
import type { RefundedAmounts } from './refunded-value.js';

const at = instant('2027-04-10T01:00:00Z');
const base: EarningRule = {
  code: 'BASE',
  version: 1,
  label: '1 point per ¥100',
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
  reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
  validFrom: instant('2027-01-01T00:00:00Z'),
  validTo: undefined,
  ruleSetRevision: 1,
};
const program: ProgramRules = {
  versions: [base],
  ruleSetRevision: 1,
  settings: { rounding: 'floor', maxAward: 1e9, earnNetOfTax: true, lateWindowDays: 30 },
};

const facts = (prices: readonly number[], more: Partial<PurchaseFacts> = {}): PurchaseFacts => ({
  currency: 'JPY',
  prices_include_tax: false,
  discount_minor: 0,
  tax_minor: 0,
  paid_with_points_minor: 0,
  lines: prices.map((unit_price_minor, i) => ({
    line_id: String(i + 1),
    sku: 'x',
    quantity: 1,
    unit_price_minor,
    discount_minor: 0,
  })),
  ...more,
});

const arrival = { memberId: 'ann' as string | null, occurredAt: at, receivedAt: at };

const buys = (
  order: Order,
  purchase: PurchaseFacts,
  more: { memberId?: string | null; dataHash?: string; receivedAt?: Instant } = {},
): OrderChange =>
  recordPurchase(
    order,
    { ...arrival, eventId: 'purchase:1', dataHash: 'p', facts: purchase, ...more },
    program,
  );

let refundNumber = 0;
const refund = (amounts: RefundedAmounts, more: Partial<ArrivedRefund> = {}): ArrivedRefund => {
  refundNumber += 1;
  const refundId = more.refundId ?? `r${refundNumber}`;
  return {
    ...arrival,
    refundId,
    eventId: `refund:1:${refundId}`,
    dataHash: `h${refundNumber}`,
    currency: 'JPY',
    ...amounts,
    ...more,
  };
};
const returns = (order: Order, arrived: ArrivedRefund): OrderChange =>
  recordRefund(order, arrived, program.settings);
const afterAll = (order: Order, refunds: readonly RefundedAmounts[]): Order =>
  refunds.reduce((known, amounts) => returns(known, refund(amounts)).order, order);
const takenBack = ({ awards }: Order): number =>
  awards.reduce((sum, { clawbackTotal }) => sum + Number(clawbackTotal), 0);

const nobody = unknownOrder('komorebi', '1');
const lines = (line_id: string, amount_minor: number): RefundedAmounts => ({
  lines: [{ line_id, amount_minor }],
});
const E10 = buys(nobody, facts([1980, 3500])).order;

describe('refunds of lines of 1,980 and 3,500 with BASE alone', () => {
  it.each<[string, RefundedAmounts[], number]>([
    ['R1 half of the cups', [lines('2', 1750)], 17],
    ['R2 all of the cups at once', [lines('2', 3500)], 34],
    ['R2 all of the cups in parts', [lines('2', 1), lines('2', 1749), lines('2', 1750)], 34],
    ['R3 a line, then without lines', [lines('1', 990), { amount_minor: 1000 }], 19],
    ['R3 without lines, then a line', [{ amount_minor: 1000 }, lines('1', 990)], 19],
    ['R4 without lines at once', [{ amount_minor: 2740 }], 27],
    ['R4 without lines twice', [{ amount_minor: 1370 }, { amount_minor: 1370 }], 27],
    ['R5 the whole amount', [{ amount_minor: 5480 }], 54],
    ['R5 full', [{ full: true }], 54],
    ['R5 every line', [lines('1', 1980), lines('2', 3500)], 54],
    ['R6 more than there is', [lines('1', 5000), { amount_minor: 9000 }], 54],
  ])('%s', (_, refunds, total) => expect(takenBack(afterAll(E10, refunds))).toBe(total));

  it('R6 reports what is over the order', () => {
    const { refunds } = afterAll(E10, [lines('1', 5000), { amount_minor: 9000 }]);
    expect(refunds.map(({ over }) => Number(over))).toEqual([3020, 5500]);
  });

  it('reports all of a refund that names an unknown line, or follows a full one, as over', () => {
    const { refunds } = afterAll(E10, [lines('9', 70), { full: true }, { amount_minor: 30 }]);
    expect(refunds.map(({ over }) => Number(over))).toEqual([70, 0, 30]);
  });

  it('R7 tax in the price', () => {
    const taxed = facts([5400, 3300], { prices_include_tax: true, tax_minor: 700 });
    expect(takenBack(afterAll(buys(nobody, taxed).order, [lines('2', 1650)]))).toBe(15);
  });

  it('R11 a refund before its order waits and is applied with it', () => {
    const waiting = returns(nobody, refund(lines('2', 1750)));
    expect(waiting.facts).toEqual([]);
    expect(waiting.order.refunds.map(({ state }) => state)).toEqual(['waiting']);

    const { order, facts: news } = buys(waiting.order, facts([1980, 3500]));
    expect(news.map(({ kind, award }) => [kind, Number(award.amount), Number(award.clawbackTotal)])).toEqual([
      ['granted', 54, 0],
      ['clawed_back', 54, 17],
    ]);
    expect(order.refunds.map(({ state }) => state)).toEqual(['applied']);
  });

  it('R12 a refund sent three times counts once', () => {
    const same = refund(lines('2', 1750));
    const once = returns(E10, same).order;
    const thrice = returns(returns(once, same).order, same);
    expect(takenBack(thrice.order)).toBe(17);
    expect(thrice.facts).toEqual([]);
  });
});

describe('what has no effect', () => {
  it('a purchase repeated', () =>
    expect(buys(E10, facts([1980, 3500]))).toMatchObject({ order: E10, facts: [], rejected: [] }));

  it('other content under the same order id is a conflict, told once', () => {
    const first = buys(E10, facts([9999]), { dataHash: 'other' });
    expect(first.rejected).toMatchObject([{ code: 'conflict', eventId: 'purchase:1' }]);
    expect(first.order.awards).toBe(E10.awards);
    expect(buys(first.order, facts([9999]), { dataHash: 'other' }).rejected).toEqual([]);
  });

  it('a refund of another member', () => {
    const { order, rejected } = returns(E10, refund({ full: true }, { memberId: 'bob' }));
    expect(rejected).toMatchObject([{ code: 'foreign_member', memberId: 'bob' }]);
    expect(takenBack(order)).toBe(0);
  });

  it('a refund of another member that waited for the order', () => {
    const waiting = returns(nobody, refund({ full: true }, { memberId: 'bob' })).order;
    const { order, rejected } = buys(waiting, facts([1980, 3500]));
    expect(rejected).toMatchObject([{ code: 'foreign_member' }]);
    expect(takenBack(order)).toBe(0);
  });

  it('a refund in another currency', () => {
    expect(returns(E10, refund({ full: true }, { currency: 'USD' })).rejected).toMatchObject([
      { code: 'foreign_currency' },
    ]);
  });

  it('the order of a guest', () => {
    const { order } = buys(nobody, facts([1980]), { memberId: null });
    expect(order.awards).toEqual([]);
    expect(order.purchase?.review).toBeUndefined();
  });

  it('an order that comes too late: it goes to review, and its refund waits', () => {
    const late = buys(nobody, facts([1980]), { receivedAt: (at + 31 * 86_400_000) as Instant }).order;
    expect(late.purchase?.review).toBe('late');
    expect(late.awards).toEqual([]);
    expect(returns(late, refund({ full: true })).order.refunds.map(({ state }) => state)).toEqual([
      'waiting',
    ]);
  });

  it('an order with an award above the limit: it goes to review', () => {
    const { order } = recordPurchase(
      nobody,
      { ...arrival, eventId: 'e', dataHash: 'h', facts: facts([1980, 3500]) },
      { ...program, settings: { ...program.settings, maxAward: 53 } },
    );
    expect(order.purchase?.review).toBe('amount_over_limit');
    expect(order.awards).toEqual([]);
  });
});

describe('laws of refunds', () => {
  const price = fc.integer({ min: 1, max: 1_000_000 });
  const orders = fc
    .array(price, { minLength: 1, maxLength: 8 })
    .map((prices) => buys(nobody, facts(prices)).order);
  const refundOf = (order: Order): fc.Arbitrary<RefundedAmounts> =>
    fc.oneof(
      fc.record({ amount_minor: fc.integer({ min: 1, max: 2_000_000 }) }),
      fc
        .record({
          line: fc.integer({ min: 1, max: order.purchase?.lines.length ?? 1 }),
          amount_minor: fc.integer({ min: 1, max: 1_500_000 }),
        })
        .map(({ line, amount_minor }) => lines(String(line), amount_minor)),
    );
  const histories = orders.chain((order) =>
    fc.array(refundOf(order), { minLength: 1, maxLength: 8 }).chain((refunds) =>
      fc.record({
        order: fc.constant(order),
        refunds: fc.constant(refunds),
        shuffled: fc.shuffledSubarray(refunds, { minLength: refunds.length }),
      }),
    ),
  );
  const totals = ({ awards }: Order): string[] =>
    awards.map(({ awardId, clawbackTotal }) => `${awardId} ${clawbackTotal}`);

  it('do not depend on the order of refunds', () =>
    fc.assert(
      fc.property(histories, ({ order, refunds, shuffled }) => {
        expect(totals(afterAll(order, shuffled))).toEqual(totals(afterAll(order, refunds)));
      }),
    ));

  it('do not depend on how a refund is split', () =>
    fc.assert(
      fc.property(orders, fc.array(price, { minLength: 1, maxLength: 6 }), (order, parts) => {
        const whole = parts.reduce((a, b) => a + b, 0);
        const split = parts.map((amount_minor) => ({ amount_minor }));
        expect(totals(afterAll(order, split))).toEqual(totals(afterAll(order, [{ amount_minor: whole }])));
      }),
    ));

  it('never fall, and never rise above the award', () =>
    fc.assert(
      fc.property(histories, ({ order, refunds }) => {
        let known = order;
        for (const amounts of refunds) {
          const next = afterAll(known, [amounts]);
          next.awards.forEach((award, i) => {
            expect(award.clawbackTotal >= (known.awards[i]?.clawbackTotal ?? 0n)).toBe(true);
            expect(award.clawbackTotal <= award.amount).toBe(true);
          });
          known = next;
        }
      }),
    ));

  it('leave exactly nothing after a full refund', () =>
    fc.assert(
      fc.property(histories, ({ order, refunds }) => {
        const { awards } = afterAll(order, [...refunds, { full: true }]);
        expect(awards.every(({ amount, clawbackTotal }) => amount === clawbackTotal)).toBe(true);
      }),
    ));

  it('do not depend on whether a refund came before its order', () =>
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 5 }), price, (prices, amount_minor) => {
        const early = buys(returns(nobody, refund({ amount_minor })).order, facts(prices)).order;
        const late = afterAll(buys(nobody, facts(prices)).order, [{ amount_minor }]);
        expect(totals(early)).toEqual(totals(late));
      }),
    ));
});
