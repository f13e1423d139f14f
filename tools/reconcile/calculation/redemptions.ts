import type { Books } from './books.js';
import { canonical } from './canonical.js';
import { minor } from './exact.js';
import { figuresOf, type Account, type Taken } from './ledger.js';
import type { Orders } from './orders.js';
import type { Redemption } from './requests.js';
import { restoredUntil } from './times.js';

export interface RedemptionRecord {
  readonly body: Redemption;
  readonly content: string;
  state: 'redeemed' | 'refused' | 'reversed';
  readonly refusals: readonly string[];
  readonly split: readonly Taken[];
}

const REFUSALS = [
  'insufficient_points',
  'in_debt',
  'below_minimum_units',
  'not_a_step',
  'above_order_share',
  'foreign_currency',
  'unknown_wallet',
];

interface Answer {
  readonly code?: string;
  readonly available?: number;
  readonly required?: number;
  readonly debt?: number;
  readonly units?: number;
  readonly value?: Readonly<{ currency: string; minor: number }> | null;
  readonly lots?: readonly Readonly<{ units: number }>[];
  readonly after?: Readonly<Record<string, number>>;
}

/** Spending: what is decided here is compared with what was answered, and stands where they differ. */
export class Redemptions {
  readonly records = new Map<string, RedemptionRecord>();

  constructor(
    private readonly books: Books,
    private readonly orders: Orders,
  ) {}

  redeem(body: Redemption, status: number, answer: Answer): void {
    const isAccepted = status >= 200 && status <= 299;
    // Refused at the door, or under an id that is taken: nothing was decided.
    if (!isAccepted && !(status === 422 && REFUSALS.includes(answer.code ?? ''))) return;
    const name = `Redemption ${body.redemption_id}`;
    const content = canonical(body);
    const known = this.records.get(body.redemption_id);
    if (known === undefined) this.decide(body, content, isAccepted, answer);
    else if (known.content !== content)
      this.wrong(`${name}: other content under a taken id should be a conflict, was answered ${status}.`);
    else if ((known.state === 'refused') === isAccepted)
      this.wrong(`${name}: repeated, it should have the same answer, was answered ${status}.`);
  }

  reverse(redemptionId: string): void {
    const record = this.records.get(redemptionId);
    const { ledger, program } = this.books;
    if (record?.state !== 'redeemed') return;
    record.state = 'reversed';
    ledger.giveBack(record.split, restoredUntil(ledger.present, program));
  }

  private decide(body: Redemption, content: string, isAccepted: boolean, answer: Answer): void {
    const { books } = this;
    books.members.add(body.member_id);
    const name = `Redemption ${body.redemption_id}`;
    const account = books.ledger.members.get(body.member_id)?.get(body.wallet);
    const refusals = this.refusalsOf(body, account);
    const isRefused = refusals.length > 0;
    if (isRefused && isAccepted)
      this.wrong(`${name}: should be refused (${refusals.join(', ')}), was accepted.`);
    if (!isAccepted && !refusals.includes(answer.code ?? ''))
      this.wrong(
        `${name}: should be ${refusals.join(' or ') || 'accepted'}, was refused with ${answer.code}.`,
      );
    if (!isAccepted && isRefused) this.compareRefusal(name, answer, body, account);

    const split = isRefused || account === undefined ? [] : books.ledger.redeem(account, minor(body.units));
    const state = isRefused ? 'refused' : 'redeemed';
    this.records.set(body.redemption_id, { body, content, state, refusals, split });
    if (isRefused) return;
    if (body.order) this.orders.paidWithUnits.add(body.order.order_id);
    if (isAccepted && account !== undefined) this.compareAnswer(name, answer, body, account);
  }

  /** Every reason that holds. */
  private refusalsOf({ wallet, units, order }: Redemption, account: Account | undefined): string[] {
    const { wallets } = this.books.program;
    const facts = wallets?.find((one) => one.wallet === wallet);
    const { redemption, unit_value: price } = facts ?? {};
    const { available, debt } = account === undefined ? { available: 0n, debt: 0n } : figuresOf(account);
    const isAboveShare =
      order && redemption && price
        ? minor(units) * minor(price.minor) * 10_000n >
          minor(order.amount_minor) * minor(redemption.max_share_bp) * minor(price.units)
        : false;
    return [
      ...(wallets !== undefined && facts === undefined ? ['unknown_wallet'] : []),
      ...(redemption && units < redemption.minimum ? ['below_minimum_units'] : []),
      ...(redemption && units % redemption.step !== 0 ? ['not_a_step'] : []),
      ...(isAboveShare ? ['above_order_share'] : []),
      ...(debt > 0n ? ['in_debt'] : []),
      ...(minor(units) > available ? ['insufficient_points'] : []),
    ];
  }

  private compareRefusal(
    name: string,
    answer: Answer,
    { units }: Redemption,
    account: Account | undefined,
  ): void {
    const { available, debt } = account === undefined ? { available: 0n, debt: 0n } : figuresOf(account);
    if (answer.code === 'insufficient_points') {
      this.same(`${name}: available`, Number(available), answer.available);
      this.same(`${name}: required`, units, answer.required);
    }
    if (answer.code === 'in_debt') this.same(`${name}: debt`, Number(debt), answer.debt);
  }

  private compareAnswer(name: string, answer: Answer, { wallet, units }: Redemption, account: Account): void {
    const price = this.books.program.wallets?.find((one) => one.wallet === wallet)?.unit_value;
    const { pending, available, debt } = figuresOf(account);
    const after = { pending, available, held: 0n, debt };
    this.same(`${name}: the units`, units, answer.units);
    if (answer.lots !== undefined)
      this.same(
        `${name}: the units of its lots`,
        units,
        answer.lots.reduce((all, lot) => all + lot.units, 0),
      );
    if (price && answer.value)
      this.same(
        `${name}: the value`,
        Number((minor(units) * minor(price.minor)) / minor(price.units)),
        answer.value.minor,
      );
    for (const [figure, value] of Object.entries(after))
      this.same(`${name}: ${figure} after it`, Number(value), answer.after?.[figure]);
  }

  /** What an answer does not say is not judged. */
  private same(what: string, expected: number, found: number | undefined): void {
    if (found !== undefined && found !== expected) this.wrong(`${what} should be ${expected}, was ${found}.`);
  }

  private wrong(sentence: string): void {
    this.books.wrongAnswers.push(sentence);
  }
}
