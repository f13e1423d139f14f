import fc from 'fast-check';
import { instant } from '@kizuna/kernel';
import { BASE, program, purchase, rule, tea, times } from '../testing/earning.js';
import { countsAsOrder, MemberHistories, usageOfAwards } from './member-history.js';
import { unknownOrder, type Order } from './order.js';
import { monthOf } from './program-days.js';
import { recordPurchase } from './record-purchase.js';
import { recordRefund } from './record-refund.js';

const CAP = { units: 100, awards: 4 };
const rules = program([
  BASE,
  rule('DOUBLE', { reward: times(2, 'g'), cap: CAP }),
  rule('FIRST', {
    reward: { kind: 'fixed', units: 200 },
    conditions: [{ label: 'first', labelJa: undefined, expression: 'member.is_first_purchase' }],
  }),
]);
const at = instant('2027-04-10T01:00:00Z');
const month = monthOf(at, 'Asia/Tokyo');

type Step =
  | { readonly kind: 'buy'; readonly order: number; readonly price: number }
  | { readonly kind: 'refund'; readonly order: number; readonly amount: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('buy' as const),
      order: fc.integer({ min: 0, max: 6 }),
      price: fc.integer({ min: 100, max: 9_000 }),
    }),
    fc.record({
      kind: fc.constant('refund' as const),
      order: fc.integer({ min: 0, max: 6 }),
      amount: fc.integer({ min: 1, max: 9_000 }),
    }),
  ),
  { maxLength: 25 },
);

/** One member's events, decided in one go with the counts carried on, as a chunk is. */
function decideAll(events: readonly Step[]) {
  const histories = new MemberHistories();
  histories.knowOrders('p', 'ann', 0);
  histories.knowUsage('p', 'ann', 'DOUBLE', month, { awards: 0, units: 0n });
  const orders = new Map<string, Order>();
  events.forEach((event, number) => {
    const orderId = String(event.order);
    const before = orders.get(orderId) ?? unknownOrder('p', orderId);
    const arrived = {
      memberId: 'ann',
      eventId: `e${number}`,
      dataHash: `h${number}`,
      occurredAt: at,
      receivedAt: at,
    };
    const { order } =
      event.kind === 'buy'
        ? recordPurchase(
            before,
            { ...arrived, facts: purchase({ lines: [tea(event.price)] }) },
            rules,
            histories.of('p', 'ann'),
          )
        : recordRefund(
            before,
            { ...arrived, refundId: `r${number}`, currency: 'JPY', amount_minor: event.amount },
            rules.settings,
          );
    histories.carryOn(before, order, () => month);
    orders.set(orderId, order);
  });
  return { histories, orders: [...orders.values()] };
}

describe('the history of a member, carried on from event to event', () => {
  it('is what counting again gives', () =>
    fc.assert(
      fc.property(steps, (events) => {
        const { histories, orders } = decideAll(events);
        const counted = usageOfAwards(orders.flatMap(({ awards }) => awards)).get('DOUBLE');
        expect(histories.of('p', 'ann').orders).toBe(orders.filter(countsAsOrder).length);
        expect(histories.of('p', 'ann').usageOf('DOUBLE', month)).toEqual(
          counted ?? { awards: 0, units: 0n },
        );
      }),
    ));

  it('keeps the cap, whatever is bought and given back', () =>
    fc.assert(
      fc.property(steps, (events) => {
        const { orders } = decideAll(events);
        const used = usageOfAwards(orders.flatMap(({ awards }) => awards)).get('DOUBLE');
        expect(Number(used?.units ?? 0n)).toBeLessThanOrEqual(CAP.units);
        expect(used?.awards ?? 0).toBeLessThanOrEqual(CAP.awards);
      }),
    ));

  it('welcomes a member again whose every order came back', () => {
    const { orders } = decideAll([
      { kind: 'buy', order: 0, price: 1_000 },
      { kind: 'buy', order: 1, price: 1_000 },
      { kind: 'refund', order: 0, amount: 1_000 },
      { kind: 'refund', order: 1, amount: 1_000 },
      { kind: 'buy', order: 2, price: 1_000 },
    ]);
    expect(orders.map(({ awards }) => awards.some((award) => award.rule === 'FIRST'))).toEqual([
      true,
      false,
      true,
    ]);
  });
});
