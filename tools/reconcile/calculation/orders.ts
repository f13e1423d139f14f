import { amountsOf, NO_AMOUNTS, type Amounts } from './amounts.js';
import type { Award, Books } from './books.js';
import { addRefund, clawbackOf, isCancelled, standingOf, type Refunded } from './clawbacks.js';
import { purchaseScope } from './conditions.js';
import { decidePurchase, type Unawarded } from './decide.js';
import type { Purchase, Refund } from './requests.js';
import type { RefundState, ReviewReason } from './results.js';

export interface RefundRecord {
  readonly body: Refund;
  state: RefundState;
  over: bigint;
}

export interface OrderRecord extends Refunded {
  purchase?: Purchase;
  amounts: Amounts;
  state: 'awaited' | 'decided' | 'review';
  /** Nothing of it is left. */
  isCancelled: boolean;
  review?: ReviewReason;
  awards: readonly Award[];
  unawarded: readonly Unawarded[];
  readonly refunds: RefundRecord[];
  readonly conflicts: Set<string>;
}

/** Purchases and their refunds. */
export class Orders {
  readonly records = new Map<string, OrderRecord>();
  /** By member, in the order of deciding. */
  private readonly decided = new Map<string, OrderRecord[]>();
  /** Orders for which units have paid: what their refunds give back is not calculated. */
  readonly paidWithUnits = new Set<string>();

  constructor(private readonly books: Books) {}

  purchase(purchase: Purchase): void {
    const { books } = this;
    const order = this.orderOf(purchase.order_id);
    if (purchase.member_id !== null) books.members.add(purchase.member_id);
    const eventId = `purchase:${purchase.order_id}`;
    if (!books.isNew(eventId, purchase, order.conflicts)) return;
    order.purchase = purchase;
    order.amounts = amountsOf(purchase, books.program.earn_net_of_tax);
    const late = books.lateness(purchase.occurred_at);
    if (late === undefined) this.decide(order, purchase, false);
    else this.holdBack(order, purchase, late);
  }

  refund(body: Refund): void {
    const { books } = this;
    const order = this.orderOf(body.order_id);
    if (body.member_id !== null) books.members.add(body.member_id);
    const eventId = `refund:${body.order_id}:${body.refund_id}`;
    if (!books.isNew(eventId, body, order.conflicts)) return;
    const refund: RefundRecord = { body, state: 'waiting', over: 0n };
    order.refunds.push(refund);
    const late = books.lateness(body.occurred_at);
    if (late === undefined) {
      this.settle(order, refund);
      return;
    }
    refund.state = 'review';
    books.openReview(eventId, late, () => {
      refund.state = 'waiting';
      this.settle(order, refund);
    });
  }

  /** Decided before now and not cancelled since. */
  ordersBefore(memberId: string): number {
    const orders = this.decided.get(memberId) ?? [];
    return orders.filter(({ isCancelled: is }) => !is).length;
  }

  private orderOf(orderId: string): OrderRecord {
    const known = this.records.get(orderId);
    if (known !== undefined) return known;
    const order: OrderRecord = {
      amounts: NO_AMOUNTS,
      state: 'awaited',
      isCancelled: false,
      awards: [],
      unawarded: [],
      refunds: [],
      conflicts: new Set(),
      byLine: new Map(),
      withoutLines: 0n,
    };
    this.records.set(orderId, order);
    return order;
  }

  private holdBack(order: OrderRecord, purchase: Purchase, reason: ReviewReason): void {
    order.state = 'review';
    order.review = reason;
    this.books.openReview(`purchase:${purchase.order_id}`, reason, () => this.decide(order, purchase, true));
  }

  /** By the rules in force when it occurred, and by what was decided before. */
  private decide(order: OrderRecord, purchase: Purchase, wasReleased: boolean): void {
    const { member_id: memberId, occurred_at: occurredAt } = purchase;
    if (memberId !== null) {
      const { program } = this.books;
      const rules = this.books.rules.at(Date.parse(occurredAt));
      // Counting walks all orders of the member, so only where a condition can ask for it.
      const before = rules.some(({ conditions }) => conditions.length > 0) ? this.ordersBefore(memberId) : 0;
      const { awards, unawarded } = decidePurchase({
        program,
        purchase,
        amounts: order.amounts,
        rules,
        scope: purchaseScope(purchase, order.amounts, before, program.time_zone),
        given: this.books.givenInMonth(memberId, occurredAt),
      });
      const event = { memberId, kind: 'purchase', ref: purchase.order_id, occurredAt } as const;
      const granted = this.books.grant(event, awards, wasReleased);
      // What is in review must not change a balance: one award over the limit holds back the whole order.
      if (granted === undefined) return this.holdBack(order, purchase, 'amount_over_limit');
      order.awards = granted;
      order.unawarded = unawarded;
      const decided = this.decided.get(memberId);
      if (decided === undefined) this.decided.set(memberId, [order]);
      else decided.push(order);
    }
    order.state = 'decided';
    for (const refund of order.refunds) this.settle(order, refund);
  }

  private settle(order: OrderRecord, refund: RefundRecord): void {
    const { purchase, amounts } = order;
    const { body } = refund;
    if (purchase === undefined || refund.state !== 'waiting') return;
    if (body.member_id !== purchase.member_id) refund.state = 'foreign_member';
    else if (body.currency !== purchase.currency) refund.state = 'foreign_currency';
    else if (order.state === 'decided') {
      const before = standingOf(purchase, amounts, order);
      addRefund(order, body, before);
      const after = standingOf(purchase, amounts, order);
      refund.over = after.over - before.over;
      refund.state = 'applied';
      order.isCancelled = isCancelled(amounts, after);
      if (this.paidWithUnits.has(purchase.order_id))
        this.books.notCovered.push(
          `refund ${body.refund_id} of order ${purchase.order_id}, which units paid for`,
        );
      for (const award of order.awards)
        this.books.clawBack(award, clawbackOf({ ...award, rule: award.version.rule }, amounts, after));
    }
  }
}
