import fc from 'fast-check';
import { instant, type Instant } from '@kizuna/kernel';
import { baskets, roundings, ruleSets } from '../testing/arbitrary-earning.js';
import {
  BASE,
  BIG,
  BRANCH,
  program as programOf,
  purchase,
  rule,
  TEA,
  tea,
  ware,
} from '../testing/earning.js';
import { NO_HISTORY } from './member-history.js';
import { unknownOrder, type Order, type OrderChange } from './order.js';
import type { ProgramRules } from './program-rules.js';
import type { PurchaseFacts } from './purchase-context.js';
import { recordPurchase } from './record-purchase.js';
import { recordRefund, type ArrivedRefund } from './record-refund.js';
import type { RefundedAmounts } from './refunded-value.js';

const at = instant('2027-04-10T01:00:00Z');
const program = programOf([BASE]);

const facts = (prices: readonly number[], more: Partial<PurchaseFacts> = {}): PurchaseFacts => ({
  ...purchase({ lines: prices.map((unit_price_minor) => ({ unit_price_minor })) }),
  ...more,
});

const arrival = { memberId: 'ann' as string | null, occurredAt: at, receivedAt: at };

const buys = (
  order: Order,
  bought: PurchaseFacts,
  more: { memberId?: string | null; dataHash?: string; receivedAt?: Instant } = {},
  rules: ProgramRules = program,
): OrderChange =>
  recordPurchase(
    order,
    { ...arrival, eventId: 'purchase:1', dataHash: 'p', facts: bought, ...more },
    rules,
    NO_HISTORY,
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
const E10 = buys(
  nobody,
  purchase({ lines: [tea(1980), ware(3500)] }),
  {},
  programOf([BASE, TEA, BRANCH]),
).order;
const byRule = ({ awards }: Order): Record<string, number> =>
  Object.fromEntries(awards.map(({ rule: code, clawbackTotal }) => [code, Number(clawbackTotal)]));

describe('the worked examples of refunds, on E10', () => {
  it.each<[string, RefundedAmounts[], [base: number, tea: number, branch: number]]>([
    ['R1 half of the cups', [lines('2', 1750)], [17, 0, 4]],
    ['R2 all of the cups at once', [lines('2', 3500)], [34, 0, 9]],
    ['R2 all of the cups in parts', [lines('2', 1), lines('2', 1749), lines('2', 1750)], [34, 0, 9]],
    ['R3 a line, then without lines', [lines('1', 990), { amount_minor: 1000 }], [19, 12, 5]],
    ['R3 without lines, then a line', [{ amount_minor: 1000 }, lines('1', 990)], [19, 12, 5]],
    ['R4 without lines at once', [{ amount_minor: 2740 }], [27, 10, 6]],
    ['R4 without lines twice', [{ amount_minor: 1370 }, { amount_minor: 1370 }], [27, 10, 6]],
    ['R5 the whole amount', [{ amount_minor: 5480 }], [54, 20, 14]],
    ['R5 full', [{ full: true }], [54, 20, 14]],
    ['R5 every line', [lines('1', 1980), lines('2', 3500)], [54, 20, 14]],
    ['R6 more than there is', [lines('1', 5000), { amount_minor: 9000 }], [54, 20, 14]],
  ])('%s', (_, refunds, [base, teaUnits, branch]) =>
    expect(byRule(afterAll(E10, refunds))).toEqual({ BASE: base, TEA: teaUnits, BRANCH: branch }),
  );

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

    const bought = purchase({ lines: [tea(1980), ware(3500)] });
    const { order, facts: news } = buys(waiting.order, bought, {}, programOf([BASE, TEA, BRANCH]));
    expect(news.map(({ kind, award }) => [kind, Number(award.amount), Number(award.clawbackTotal)])).toEqual([
      ['granted', 54, 0],
      ['granted', 20, 0],
      ['granted', 14, 0],
      ['clawed_back', 54, 17],
      ['clawed_back', 14, 4],
    ]);
    expect(takenBack(order)).toBe(21);
    expect(order.refunds[0]?.clawbacks.map(({ rule: code, taken }) => [code, Number(taken)])).toEqual([
      ['BASE', 17],
      ['BRANCH', 4],
    ]);
    expect(order.refunds.map(({ state }) => state)).toEqual(['applied']);
  });

  it('R12 a refund sent three times counts once', () => {
    const same = refund(lines('2', 1750));
    const once = returns(E10, same).order;
    const thrice = returns(returns(once, same).order, same);
    expect(takenBack(thrice.order)).toBe(21);
    expect(thrice.facts).toEqual([]);
  });
});

describe('awards that do not shrink', () => {
  const R8 = buys(
    nobody,
    purchase({ lines: [ware(6800, { quantity: 2 }), tea(2400, { quantity: 3 })] }),
    {},
    programOf([BASE, BIG]),
  ).order;

  it.each<[string, RefundedAmounts[], Record<string, number>]>([
    ['R8 one teapot', [lines('1', 6800)], { BASE: 68, BIG: 0 }],
    ['R9 then one gyokuro', [lines('1', 6800), lines('2', 2400)], { BASE: 92, BIG: 0 }],
    ['R10 then a second', [lines('1', 6800), lines('2', 2400), lines('2', 2400)], { BASE: 116, BIG: 300 }],
    ['R10 in another order', [lines('2', 4800), lines('1', 6800)], { BASE: 116, BIG: 300 }],
  ])('%s', (_, refunds, taken) => expect(byRule(afterAll(R8, refunds))).toEqual(taken));

  it('R13 a fixed bonus without a minimum stays until the last yen', () => {
    const FIRST = rule('FIRST', { reward: { kind: 'fixed', units: 200 } });
    const { order } = buys(nobody, facts([1980, 3500]), {}, programOf([FIRST]));
    const almost = afterAll(order, [{ amount_minor: 5479 }]);
    expect(takenBack(almost)).toBe(0);
    expect(almost.isCancelled).toBe(false);
    const all = afterAll(almost, [{ amount_minor: 1 }]);
    expect(takenBack(all)).toBe(200);
    expect(all.isCancelled).toBe(true);
  });

  it('a multiplier with a minimum shrinks with its lines and falls whole below it', () => {
    const double = { ...TEA, lineFilter: {}, minimumEligible: 5000 };
    const { order } = buys(nobody, facts([2000, 4000]), {}, programOf([BASE, double]));
    expect(byRule(afterAll(order, [lines('1', 1000)]))).toEqual({ BASE: 10, TEA: 10 });
    expect(byRule(afterAll(order, [lines('1', 1001)]))).toEqual({ BASE: 10, TEA: 60 });
  });

  it('the minimum is compared with what could earn, net of tax and points', () => {
    const bought = purchase({
      lines: [{ unit_price_minor: 5500 }, { unit_price_minor: 5500 }],
      prices_include_tax: true,
      tax_minor: 1000,
    });
    const { order } = buys(nobody, bought, {}, programOf([{ ...BIG, minimumEligible: 9000 }]));
    expect(takenBack(afterAll(order, [lines('1', 1100)]))).toBe(0);
    expect(takenBack(afterAll(order, [lines('1', 1101)]))).toBe(300);
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
      NO_HISTORY,
    );
    expect(order.purchase?.review).toBe('amount_over_limit');
    expect(order.awards).toEqual([]);
  });
});

describe('laws of refunds', () => {
  const price = fc.integer({ min: 1, max: 1_000_000 });
  const orders = fc
    .record({ basket: baskets, rules: ruleSets, settings: roundings })
    .map(({ basket, rules, settings }) => buys(nobody, basket, {}, programOf(rules, settings)).order);
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
