import type { Chance } from './chance.js';
import { REVIEW, TEA } from './rules.js';
import { engagementEvent, purchaseEvent, refundEvent, saleLine, type StoreEvent } from './store-events.js';

interface Sale {
  readonly orderId: string;
  readonly memberId: string | null;
  readonly lines: readonly { readonly lineId: string; readonly paidMinor: number; readonly isTea: boolean }[];
}

const KEPT_SALES = 100;
const CHANCES = {
  engagement: 0.1,
  refund: 0.25,
  refundFirst: 0.06,
  repeated: 0.08,
  /** The same order again with other content. */
  conflict: 0.01,
  guest: 0.03,
  overRefunded: 0.1,
} as const;

/**
 * What the storefronts of some members send, without end: orders, engagements, refunds (by line, by amount, in full, too much,
 * before their order), repetitions, now and then an order whose content changed.
 */
export class Traffic {
  private readonly sales: Sale[] = [];
  private waiting: { after: number; event: () => StoreEvent }[] = [];
  private sent = 0;
  private orders = 0;
  private refunds = 0;
  private engagements = 0;

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
    if (this.chance.happens(CHANCES.engagement)) return this.engagement();
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
    const lines = Array.from({ length: chance.whole(1, 4) }, (_, index) => ({
      lineId: String(index + 1),
      paidMinor: chance.whole(1, 3) * chance.whole(50, 6_000),
      isTea: chance.happens(0.4),
    }));
    return {
      orderId: `${this.name}-${this.orders}`,
      memberId: chance.happens(CHANCES.guest) ? null : this.someMember(),
      lines,
    };
  }

  /** Skewed: a few members do most of it, so that one key is often written by chunks that follow each other. */
  private someMember(): string {
    return this.members[Math.floor(this.members.length * this.chance.fraction() ** 3)] ?? '';
  }

  private engagement(): StoreEvent {
    this.engagements += 1;
    // Some of an activity that no rule is about.
    const activity = this.chance.happens(0.1) ? 'survey' : REVIEW;
    const event = engagementEvent(`${this.name}-e${this.engagements}`, this.someMember(), activity);
    this.maybeAgain(event);
    return event;
  }

  private purchase(sale: Sale): StoreEvent {
    const { orderId, memberId, lines } = sale;
    const bodies = lines.map(({ lineId, paidMinor, isTea }) =>
      saleLine(lineId, `SKU-${lineId}`, 1, paidMinor, isTea ? TEA : undefined),
    );
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
    const event = refundEvent(`r${this.refunds}`, orderId, memberId, what);
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
