import { eventually } from '@kizuna/testing';
import { ROOMS, type RoomName } from '../local/rooms.js';
import type { OrderRequest } from '../orders/orders-file.js';
import { calculate, type ProgramFacts } from '../reconcile/calculation.js';
import { compare } from '../reconcile/compare.js';
import { publicReads } from '../start/public-reads.js';
import { streamOrders } from '../start/stream-orders.js';
import type { Shop } from './shop.js';
import { useStory, type Story } from './story.js';

const SEED = 20_260_401;
const MEMBERS = 8;
const ORDERS_EACH = 10;
const KILLS_EACH = 2;
const ORDERS_A_SECOND = 24;

/** The same numbers for the same seed (an LCG modulo 2^32), between 0 and 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Every room so many times, in an order that the seed decides. */
function killOrder(random: () => number): RoomName[] {
  const rooms = ROOMS.flatMap((room) => Array<RoomName>(KILLS_EACH).fill(room));
  return rooms
    .map((room) => ({ room, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ room }) => room);
}

/** Orders of several lines, every third refunded in two parts, every fifth sent twice; a refund may come first. */
function whatHappens(random: () => number, { occurredAt }: Shop): OrderRequest[] {
  const upTo = (limit: number): number => 1 + Math.floor(random() * limit);
  const about = { occurred_at: occurredAt, currency: 'GBP' } as const;
  return Array.from({ length: MEMBERS * ORDERS_EACH }, (_, index): OrderRequest[] => {
    const member_id = `member-${index % MEMBERS}`;
    const orderId = `order-${index}`;
    const lines = Array.from({ length: upTo(3) }, (_unused, line) => ({
      line_id: String(line + 1),
      sku: `SKU-${upTo(9)}`,
      quantity: upTo(4),
      unit_price_minor: upTo(5_000),
      discount_minor: 0 as const,
    }));
    const purchase: OrderRequest = {
      kind: 'purchase',
      body: {
        ...about,
        order_id: orderId,
        member_id,
        channel: 'web',
        lines,
        prices_include_tax: false,
        discount_minor: 0,
        tax_minor: 0,
        shipping_minor: 0,
        paid_with_points_minor: 0,
        coupon_codes: [],
      },
    };
    const refund = (refund_id: string, amount_minor: number): OrderRequest => ({
      kind: 'refund',
      orderId,
      body: { ...about, refund_id, order_id: orderId, member_id, amount_minor },
    });
    if (index % 3 === 0) return [refund('r1', upTo(500)), purchase, refund('r2', upTo(9_000))];
    return index % 5 === 0 ? [purchase, purchase] : [purchase];
  }).flat();
}

describe('orders that stream while services are killed', () => {
  let story: Story;
  let shop: Shop;

  useStory(async (started) => {
    story = started;
    shop = await story.program('killed', { currency: 'GBP', timeZone: 'Europe/London' });
  });

  it('lose nothing and double nothing: every figure agrees with the independent calculation', async () => {
    const random = seeded(SEED);
    const rule = await shop.earns('BASE', 1, 100);
    const requests = whatHappens(random, shop);
    const kills = killOrder(random);
    let acknowledged = 0;

    const streaming = streamOrders(shop.client, requests, {
      pace: ORDERS_A_SECOND,
      onProgress: (count) => (acknowledged = count),
    });
    for (const [index, room] of kills.entries()) {
      // Spread over the stream; a killed front door is back when more is acknowledged.
      const enough = (requests.length * (index + 0.5)) / (kills.length + 1);
      await eventually(() => expect(acknowledged).toBeGreaterThanOrEqual(enough));
      expect(acknowledged).toBeLessThan(requests.length);
      story.local.kill(room, 'SIGKILL');
      await eventually(() => expect(story.local.restarts()).toBe(index + 1));
    }
    const { journal, refused } = await streaming;
    await story.settled();

    const { body: settings } = await shop.client.request('GET', '/v1/program');
    const calculation = calculate(settings as ProgramFacts, [rule, ...journal]);
    const { compared, differences } = await compare(calculation, publicReads(shop.client));
    expect(refused).toEqual([]);
    expect(differences).toEqual([]);
    expect(compared).toMatchObject({ members: MEMBERS, orders: MEMBERS * ORDERS_EACH });
    expect(calculation.totals.clawed_back).toBeGreaterThan(0);
  }, 60_000);
});
