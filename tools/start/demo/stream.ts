import { seeded } from '../../bench/load/seeded.js';
import type { Streamed } from '../stream-events.js';
import { purchaseOf, type Basket, type Item } from './komorebi.js';

export interface StreamEvent extends Streamed {
  /** The front door has to refuse it. */
  readonly isBroken: boolean;
}

const ORDERS = 2_000;
const MEMBERS = 240;
const SEED = 20_270_402;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LATE_DAYS = 45;
const ITEM_NAMES = ['sencha', 'gyokuro', 'matcha', 'teapot', 'cups', 'giftCard'] as const satisfies Item[];

/** How many of a hundred orders have a sequel of each kind. */
const SHARE = { refund: 12, repetition: 6, conflict: 2, late: 2, broken: 3, review: 10, guest: 4 } as const;

/**
 * 2,000 orders from a fixed seed, the last one at `endsAt`: refunds, repetitions, conflicts, late and broken events and
 * reviews among them. The same `endsAt` gives the same events, byte for byte.
 */
export function demoStream(endsAt: Date): StreamEvent[] {
  const chance = seeded(SEED);
  const below = (limit: number): number => Math.floor(chance() * limit);
  const happens = (percent: number): boolean => below(100) < percent;
  const startsAt = endsAt.getTime() - ORDERS * MINUTE_MS;
  const events: StreamEvent[] = [];

  for (let number = 1; number <= ORDERS; number += 1) {
    const orderId = `s-${number}`;
    const isGuest = happens(SHARE.guest);
    const memberId = isGuest ? `order:${orderId}` : `tea-${1 + below(MEMBERS)}`;
    const member_id = isGuest ? null : memberId;
    const lateness = happens(SHARE.late) ? LATE_DAYS * DAY_MS : 0;
    const at = startsAt + number * MINUTE_MS - lateness;
    const basket = basketOf(below);
    const body = purchaseOf({ order_id: orderId, member_id, occurred_at: instant(at) }, basket, {
      discount_minor: happens(20) ? 50 * (1 + below(8)) : 0,
    });
    const add = (kind: StreamEvent['kind'], name: string, data: object, isBroken = false): void =>
      void events.push({ kind, member: memberId, name, data, isBroken });

    if (happens(SHARE.broken)) add('purchase', `${orderId} broken`, brokenOf(body, below), true);
    add('purchase', orderId, body);
    if (happens(SHARE.repetition)) add('purchase', `${orderId} again`, body);
    if (happens(SHARE.conflict)) add('purchase', `${orderId} changed`, { ...body, channel: 'store' });
    if (happens(SHARE.refund))
      add('refund', `${orderId} refund`, {
        refund_id: `${orderId}-r1`,
        order_id: orderId,
        member_id,
        occurred_at: instant(at + 30_000),
        currency: 'JPY',
        ...refundOf(below, body),
      });
    if (!isGuest && happens(SHARE.review))
      add('engagement', `${orderId} review`, {
        id: `${orderId}-review`,
        member_id,
        activity: 'review',
        occurred_at: instant(at + 45_000),
      });
  }
  return events;
}

const instant = (ms: number): string => new Date(ms).toISOString();

function basketOf(below: (limit: number) => number): Basket {
  const basket: Basket = {};
  for (let picks = 1 + below(3); picks > 0; picks -= 1) {
    const item = ITEM_NAMES[below(ITEM_NAMES.length)] ?? 'matcha';
    basket[item] = 1 + below(3);
  }
  return basket;
}

function refundOf(below: (limit: number) => number, { lines }: Record<string, unknown>): object {
  const [first] = lines as readonly { line_id: string; unit_price_minor: number }[];
  if (below(4) === 0 || !first) return { full: true };
  if (below(3) === 0) return { amount_minor: 100 * (1 + below(20)) };
  return { lines: [{ line_id: first.line_id, amount_minor: first.unit_price_minor }] };
}

/** What storefronts get wrong. */
function brokenOf(body: Record<string, unknown>, below: (limit: number) => number): object {
  const faults: readonly object[] = [
    { member_id: 'someone@example.com' },
    { currency: 'YEN' },
    { lines: [] },
    { occurred_at: '2027-02-31T10:00:00Z' },
    { total: 12.5 },
  ];
  return { ...body, ...faults[below(faults.length)] };
}
