import { purchaseCompleted, type PurchaseBody } from '@kizuna/contracts';
import { pointsOf, purchaseOf } from './purchase.js';
import { seededAt } from './seeded.js';

/** So many different purchases are made; then they come again as other orders of other members. */
const PATTERNS = 12_000;
/** Batches of one size differ by a few per cent. */
const SLACK_BYTES = 65_536;
const ORDER_DIGITS = 9;
const MEMBER_DIGITS = 6;
const ANY = {
  orderId: `o${'0'.repeat(ORDER_DIGITS)}`,
  memberId: `m${'0'.repeat(MEMBER_DIGITS)}`,
  occurredAt: '2000-01-01T00:00:00.000Z',
} as const;

interface Pattern {
  readonly body: PurchaseBody;
  /** As it stands in a batch; ASCII, so that a place in the text is a place in the bytes. */
  readonly event: Buffer;
  readonly orderAt: number;
  readonly memberAt: number;
  readonly occurredAt: number;
  readonly points: number;
}

export interface Batch {
  readonly body: Buffer;
  /** What the body lies in; to be handed back when it is sent. */
  readonly memory: Buffer;
  readonly count: number;
  /** What the purchases of the batch must give together. */
  readonly points: number;
}

/**
 * An endless stream of purchases, the same for a seed. Events are serialised once; a batch is copied together and order,
 * member and time are written into the copy, because the generator shares its cores with what it measures.
 */
export class PurchaseStream {
  private readonly patterns: readonly Pattern[];
  private next = 0;

  constructor(
    private readonly seed: number,
    private readonly members: number,
  ) {
    this.patterns = Array.from({ length: PATTERNS }, (_, index) => patternOf(purchaseOf(seed + index, ANY)));
  }

  /**
   * The body of a `POST /v1/events` with the next purchases, which happen now. Written into `spare` where that is large
   * enough: hundreds of kilobytes for every request would keep the garbage collector busy.
   */
  batch(count: number, spare?: Buffer): Batch {
    const occurredAt = new Date().toISOString();
    const events: Buffer[] = [];
    let length = 1;
    let points = 0;
    for (let index = this.next; index < this.next + count; index += 1) {
      const pattern = this.pattern(index);
      events.push(pattern.event);
      length += pattern.event.length + 1;
      points += pattern.points;
    }
    const memory = spare && spare.length >= length ? spare : Buffer.allocUnsafe(length + SLACK_BYTES);
    const body = memory.subarray(0, length);
    let at = 0;
    for (const [offset, event] of events.entries()) {
      body[at] = offset === 0 ? 0x5b : 0x2c; // [ or ,
      at += 1;
      event.copy(body, at);
      const index = this.next + offset;
      const pattern = this.pattern(index);
      writeDigits(body, at + pattern.orderAt, ORDER_DIGITS, index);
      writeDigits(body, at + pattern.memberAt, MEMBER_DIGITS, this.memberAt(index));
      body.write(occurredAt, at + pattern.occurredAt, 'latin1');
      at += event.length;
    }
    body[at] = 0x5d; // ]
    this.next += count;
    return { body, memory, count, points };
  }

  /** The purchase at one place of the stream. */
  purchase(index: number, occurredAt: string): { readonly body: PurchaseBody; readonly points: number } {
    const { body, points } = this.pattern(index);
    const orderId = `o${String(index).padStart(ORDER_DIGITS, '0')}`;
    const memberId = `m${String(this.memberAt(index)).padStart(MEMBER_DIGITS, '0')}`;
    return { body: { ...body, order_id: orderId, member_id: memberId, occurred_at: occurredAt }, points };
  }

  /** Mean size of a purchase on the wire. */
  eventBytes(): number {
    return Math.round(this.patterns.reduce((sum, { event }) => sum + event.length, 0) / this.patterns.length);
  }

  private memberAt(index: number): number {
    return Math.floor(seededAt(this.seed, index) * this.members);
  }

  private pattern(index: number): Pattern {
    const pattern = this.patterns[index % PATTERNS];
    if (!pattern) throw new Error('a stream has its patterns');
    return pattern;
  }
}

function patternOf(body: PurchaseBody): Pattern {
  const text = JSON.stringify({ specversion: '1.0', type: purchaseCompleted.type, data: body });
  return {
    body,
    event: Buffer.from(text, 'latin1'),
    orderAt: text.indexOf(ANY.orderId) + 1,
    memberAt: text.indexOf(ANY.memberId) + 1,
    occurredAt: text.indexOf(ANY.occurredAt),
    points: pointsOf(body),
  };
}

function writeDigits(body: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    body[place] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
