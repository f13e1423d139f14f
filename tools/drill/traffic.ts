import type { Chance } from './chance.js';

const TYPES = {
  purchase: 'kizuna.purchase.completed.v1',
  refund: 'kizuna.purchase.refunded.v1',
} as const;

export interface StoreEvent {
  readonly specversion: '1.0';
  readonly type: (typeof TYPES)[keyof typeof TYPES];
  readonly data: Readonly<Record<string, unknown>> & { readonly order_id: string };
}

interface Sale {
  readonly orderId: string;
  readonly memberId: string | null;
  readonly lines: readonly { readonly lineId: string; readonly paidMinor: number }[];
}

const KEPT_SALES = 100;
const CHANCES = {
  refund: 0.25,
  refundFirst: 0.06,
  repeated: 0.08,
  /** The same order again with other content. */
  conflict: 0.01,
  guest: 0.03,
  overRefunded: 0.1,
} as const;

export const purchaseEvent = (
  orderId: string,
  memberId: string | null,
  lines: readonly Readonly<Record<string, unknown>>[],
): StoreEvent => ({
  specversion: '1.0',
  type: TYPES.purchase,
  data: {
    order_id: orderId,
    member_id: memberId,
    occurred_at: new Date().toISOString(),
    currency: 'JPY',
    channel: 'web',
    lines,
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
  },
});

export const saleLine = (lineId: string, sku: string, quantity: number, unitPriceMinor: number) => ({
  line_id: lineId,
  sku,
  quantity,
  unit_price_minor: unitPriceMinor,
  discount_minor: 0,
});

/**
 * What the storefronts of some members send, without end: orders, refunds of them (by line, by amount, in full, too much,
 * before their order), repetitions, now and then an order whose content changed.
 */
export class Traffic {
  private readonly sales: Sale[] = [];
  private waiting: { after: number; event: () => StoreEvent }[] = [];
  private sent = 0;
  private orders = 0;
  private refunds = 0;

  constructor(
    private readonly name: string,
    private readonly members: readonly string[],
    private readonly chance: Chance,
  ) {}

  next(): StoreEvent {
    this.sent += 1;
    const due = this.waiting.find(({ after }) => after <= this.sent);
    if (due) {
      this.waiting = this.waiting.filter((one) => one !== due);
      return due.event();
    }
    const known = this.sales.length > 0 && this.chance.happens(CHANCES.refund);
    if (known) return this.refund(this.chance.pick(this.sales));
    const sale = this.newSale();
    if (!this.chance.happens(CHANCES.refundFirst)) return this.purchase(sale);
    this.later(() => this.purchase(sale));
    return this.refund(sale);
  }

  private newSale(): Sale {
    this.orders += 1;
    const { chance } = this;
    // Skewed: a few members buy most of the time, so that one key is often written by chunks that follow each other.
    const favourite = Math.floor(this.members.length * chance.fraction() ** 3);
    const member = this.members[favourite] ?? null;
    const lines = Array.from({ length: chance.whole(1, 4) }, (_, index) => ({
      lineId: String(index + 1),
      paidMinor: chance.whole(1, 3) * chance.whole(50, 6_000),
    }));
    return {
      orderId: `${this.name}-${this.orders}`,
      memberId: chance.happens(CHANCES.guest) ? null : member,
      lines,
    };
  }

  private purchase(sale: Sale): StoreEvent {
    const { orderId, memberId, lines } = sale;
    const bodies = lines.map(({ lineId, paidMinor }) => saleLine(lineId, `SKU-${lineId}`, 1, paidMinor));
    const event = purchaseEvent(orderId, memberId, bodies);
    this.sales.push(sale);
    if (this.sales.length > KEPT_SALES) this.sales.shift();
    this.maybeAgain(event);
    if (this.chance.happens(CHANCES.conflict)) {
      const other = purchaseEvent(orderId, memberId, [...bodies, saleLine('x', 'SKU-X', 1, 90_000)]);
      this.later(() => other);
    }
    return event;
  }

  private refund({ orderId, memberId, lines }: Sale): StoreEvent {
    this.refunds += 1;
    const { chance } = this;
    const whole = lines.reduce((sum, { paidMinor }) => sum + paidMinor, 0);
    const most = chance.happens(CHANCES.overRefunded) ? 1.2 : 0.5;
    const part = (minor: number): number => Math.max(1, Math.floor(minor * most * chance.fraction()));
    const line = chance.pick(lines);
    const what = {
      lines: { lines: [{ line_id: line.lineId, amount_minor: part(line.paidMinor) }] },
      amount: { amount_minor: part(whole) },
      full: { full: true },
    }[chance.weighted({ lines: 5, amount: 4, full: 1 })];
    const event: StoreEvent = {
      specversion: '1.0',
      type: TYPES.refund,
      data: {
        refund_id: `r${this.refunds}`,
        order_id: orderId,
        member_id: memberId,
        occurred_at: new Date().toISOString(),
        currency: 'JPY',
        ...what,
      },
    };
    this.maybeAgain(event);
    return event;
  }

  private maybeAgain(event: StoreEvent): void {
    if (this.chance.happens(CHANCES.repeated)) this.later(() => event);
  }

  private later(event: () => StoreEvent): void {
    this.waiting.push({ after: this.sent + this.chance.whole(1, 40), event });
  }
}
