import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { OrderRequest, PurchaseBody } from '../orders/orders-file.js';
import { ProgramClient } from './program-client.js';
import type { StreamResult } from './stream-events.js';
import { streamOrders } from './stream-orders.js';

interface Sent {
  readonly data: PurchaseBody;
}

type Reply = Readonly<{ status: number; results?: readonly unknown[] }> | 'hang up';

const purchase = (member: string, order: string): OrderRequest => ({
  kind: 'purchase',
  body: {
    order_id: order,
    member_id: member,
    occurred_at: '2026-01-01T00:00:00.000Z',
    currency: 'GBP',
    channel: 'web',
    lines: [{ line_id: '1', sku: 'TEA', quantity: 1, unit_price_minor: 500, discount_minor: 0 }],
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
  },
});

describe('streaming orders to the front door', () => {
  let door: Server;
  let client: ProgramClient;
  /** What arrived, batch by batch, whether it was acknowledged or not. */
  let arrived: readonly Sent[][];
  let reply: (batch: readonly Sent[], nth: number) => Reply;

  const acknowledge = (batch: readonly Sent[]): Reply => ({
    status: 202,
    results: batch.map(() => ({ status: 202 })),
  });

  beforeAll(async () => {
    door = createServer(async (request, response) => {
      const batch = (await json(request)) as Sent[];
      arrived = [...arrived, batch];
      const answer = reply(batch, arrived.length);
      if (answer === 'hang up') return void request.socket.destroy();
      response.statusCode = answer.status;
      response.end(JSON.stringify({ results: answer.results }));
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    client = new ProgramClient(`http://127.0.0.1:${(door.address() as AddressInfo).port}`, 'key');
  });
  beforeEach(() => {
    arrived = [];
    reply = acknowledge;
  });
  afterAll(() => {
    door.closeAllConnections();
    door.close();
  });

  const stream = (requests: readonly OrderRequest[]): Promise<StreamResult> =>
    streamOrders(client, requests, { onProgress: () => undefined });
  const orders = (batches: readonly (readonly Sent[])[]): string[] =>
    batches.flat().map(({ data }) => data.order_id);

  it.each<[string, Reply]>([
    ['a broken connection', 'hang up'],
    ['503', { status: 503 }],
    ['429', { status: 429 }],
  ])('sends the very same batch again after %s, and notes it once', async (_, failure) => {
    reply = (batch, nth) => (nth <= 2 ? failure : acknowledge(batch));

    const { journal, refused } = await stream([purchase('ann', 'A-1'), purchase('ann', 'A-2')]);

    expect(arrived).toHaveLength(3);
    expect(arrived[1]).toEqual(arrived[0]);
    expect(arrived[2]).toEqual(arrived[0]);
    expect(journal.map(({ status }) => status)).toEqual([202]);
    expect(refused).toEqual([]);
  });

  it('keeps what one member did in order, over batches and repetitions', async () => {
    const members = ['ann', 'ben', 'cho', 'dan', 'eve'];
    const requests = Array.from({ length: 1_000 }, (_, index) => {
      const member = members[index % members.length] ?? '';
      return purchase(member, `${member}-${index}`);
    });
    const acknowledged: Sent[][] = [];
    reply = (batch, nth) => {
      if (nth % 4 === 0) return { status: 503 };
      acknowledged.push([...batch]);
      return acknowledge(batch);
    };

    await stream(requests);

    expect(orders(acknowledged)).toHaveLength(1_000);
    for (const member of members) {
      const own = (list: readonly string[]): string[] => list.filter((id) => id.startsWith(`${member}-`));
      const wanted = requests.map((request) => (request.kind === 'purchase' ? request.body.order_id : ''));
      expect(own(orders(acknowledged))).toEqual(own(wanted));
    }
  });

  it('reports an event that is refused, and does not send it again', async () => {
    reply = (batch) => ({
      status: 207,
      results: batch.map(({ data }) =>
        data.order_id === 'A-2'
          ? { status: 400, code: 'invalid_request', detail: 'the request is not valid' }
          : { status: 202 },
      ),
    });

    const { refused } = await stream([purchase('ann', 'A-1'), purchase('ann', 'A-2')]);

    expect(refused).toEqual([
      { name: 'purchase A-2', sentence: expect.stringMatching(/^purchase A-2: 400 invalid_request/) },
    ]);
    expect(orders(arrived)).toEqual(['A-1', 'A-2']);
  });
});
