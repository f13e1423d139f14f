import { laneOf } from '@kizuna/messaging';
import { aLine, aPurchase } from '../../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('taking in a purchase', () => {
  let gateway: TestGateway;
  let program: string;
  let key: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  beforeEach(async () => {
    ({ program_id: program, api_key: key } = await gateway.program());
  });
  afterAll(() => gateway.stop());

  it('is in the topic when it is answered: key, partition, envelope', async () => {
    const before = Date.now();
    const answer = await gateway.call(key, '/v1/purchases', {
      body: aPurchase(),
      headers: { 'x-correlation-id': 'checkout-7' },
    });

    expect(answer).toMatchObject({
      status: 202,
      body: { event_id: 'purchase:A-1001', status_url: '/v1/purchases/A-1001' },
    });
    const events = await gateway.published('purchase-events', program);
    const occurred_at = '2026-03-01T09:30:00.000Z';
    expect(events).toEqual([
      {
        partition: laneOf(`${program}:ann`),
        key: `${program}:ann`,
        event: {
          specversion: '1.0',
          id: 'purchase:A-1001',
          source: `/programs/${program}/api`,
          type: 'kizuna.purchase.completed.v1',
          time: occurred_at,
          subject: 'ann',
          datacontenttype: 'application/json',
          program,
          receivedat: expect.any(String),
          correlationid: 'checkout-7',
          data: { program_id: program, ...aPurchase(), occurred_at },
        },
      },
    ]);
    expect(Date.parse(events[0]?.event.receivedat ?? '')).toBeGreaterThanOrEqual(before);
  });

  it('has the same event id however often it is posted', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => gateway.call(key, '/v1/purchases', { body: aPurchase() })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['event_id'])}`))).toEqual(
      new Set(['202 purchase:A-1001']),
    );
  });

  it('of a guest has the order as its key', async () => {
    const body = aPurchase({ member_id: null, order_id: 'shop/2026#7' });
    expect(await gateway.call(key, '/v1/purchases', { body })).toMatchObject({
      status: 202,
      body: { status_url: '/v1/purchases/shop%2F2026%237' },
    });
    expect(await gateway.published('purchase-events', program)).toMatchObject([
      { key: `${program}:order:shop/2026#7`, event: { subject: 'order:shop/2026#7' } },
    ]);
  });

  const inTwentyMinutes = new Date(Date.now() + 20 * 60_000).toISOString();
  it.each<[string, Record<string, unknown>, string, string]>([
    ['a missing order id', { order_id: undefined }, 'invalid_request', '/order_id'],
    ['an unknown property', { tier: 'gold' }, 'invalid_request', '/tier'],
    ['an e-mail as member', { member_id: 'a@b.c' }, 'invalid_request', '/member_id'],
    ['a phone number as member', { member_id: '+81901' }, 'invalid_request', '/member_id'],
    ['half a yen', { tax_minor: 0.5 }, 'invalid_request', '/tax_minor'],
    ['less than nothing', { shipping_minor: -5 }, 'invalid_request', '/shipping_minor'],
    ['a number as text', { shipping_minor: '1e3' }, 'invalid_request', '/shipping_minor'],
    ['2^53', { shipping_minor: 2 ** 53 }, 'invalid_request', '/shipping_minor'],
    ['10^20', { shipping_minor: 1e20 }, 'invalid_request', '/shipping_minor'],
    ['an unknown currency', { currency: 'YEN' }, 'invalid_request', '/currency'],
    ['a time without offset', { occurred_at: '2026-03-01T10:00:00' }, 'invalid_request', '/occurred_at'],
    ['no lines', { lines: [] }, 'invalid_request', '/lines'],
    ['half a surrogate pair', { channel: '\ud800' }, 'invalid_request', '/channel'],
    ['a NUL in an attribute', { attributes: { a: '\u0000' } }, 'invalid_request', '/attributes/a'],
    [
      'a price in a line below zero',
      { lines: [aLine({ unit_price_minor: -1 })] },
      'invalid_request',
      '/lines/0/unit_price_minor',
    ],
    ['a NUL byte', { lines: [aLine({ sku: 'a\u0000b' })] }, 'invalid_request', '/lines/0/sku'],
    ['a line id twice', { lines: [aLine(), aLine()] }, 'invalid_request', '/lines/1/line_id'],
    ['too much discount', { discount_minor: 11_001 }, 'invalid_request', '/discount_minor'],
    ['20 minutes ahead', { occurred_at: inTwentyMinutes }, 'occurred_in_future', '/occurred_at'],
    ['before the start', { occurred_at: '2024-12-31T23:59:59Z' }, 'occurred_before_start', '/occurred_at'],
  ])('is refused with a pointer: %s', async (_, fields, code, pointer) => {
    const answer = await gateway.call(key, '/v1/purchases', { body: aPurchase(fields) });
    expect(answer).toMatchObject({ status: 400, body: { status: 400, code, errors: [{ pointer }] } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await gateway.published('purchase-events', program)).toEqual([]);
  });

  it.each([
    ['__proto__', JSON.stringify(aPurchase()).replace('{', '{"__proto__":{"admin":true},')],
    ['__proto__ in a line', JSON.stringify(aPurchase()).replace('"sku"', '"__proto__":{},"sku"')],
    ['constructor', JSON.stringify(aPurchase()).replace('{', '{"constructor":{"prototype":{}},')],
    ['no JSON', '{"order_id":'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['10,000 levels', '['.repeat(10_000) + ']'.repeat(10_000)],
    [
      '10,000 levels of attributes',
      JSON.stringify(aPurchase()).replace(
        '{',
        `{"attributes":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)},`,
      ),
    ],
  ])('is refused as a document: %s', async (_, text) => {
    expect(await gateway.call(key, '/v1/purchases', { text })).toMatchObject({ status: 400 });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('refuses what is too large for one event, and what is too large to read', async () => {
    const lines = Array.from({ length: 2_000 }, (_, i) =>
      aLine({ line_id: `${i}`, name: 'x'.repeat(200), category: 'x'.repeat(200), brand: 'x'.repeat(200) }),
    );
    const body = aPurchase({ lines });
    expect(await gateway.call(key, '/v1/purchases', { body })).toMatchObject({
      status: 413,
      body: { code: 'event_too_large' },
    });
    const text = JSON.stringify(aPurchase({ channel: 'x'.repeat(9_000_000) }));
    expect(await gateway.call(key, '/v1/purchases', { text })).toMatchObject({ status: 413 });
  });
});
