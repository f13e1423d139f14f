import { aCloudEvent, aLine, aPurchase, aRefund } from '../../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('taking in CloudEvents', () => {
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

  it.each([
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents+json; charset=utf-8',
  ])('answers one as its own endpoint does: %s', async (contentType) => {
    const body = { ...aCloudEvent('completed', aPurchase()), program: 'another', partitionkey: 'x' };
    expect(await gateway.call(key, '/v1/events', { body, contentType })).toMatchObject({
      status: 202,
      body: { event_id: 'purchase:A-1001', status_url: '/v1/purchases/A-1001' },
    });
    expect(await gateway.published('purchase-events', program)).toMatchObject([
      { key: `${program}:ann`, event: { id: 'purchase:A-1001', program } },
    ]);
  });

  it('answers each of many, in order, and publishes the sound ones', async () => {
    const body = [
      aCloudEvent('completed', aPurchase()),
      aCloudEvent('completed', aPurchase({ lines: [aLine({ sku: '' })] })),
      { ...aCloudEvent('completed', aPurchase()), type: 'kizuna.award.granted.v1' },
      'no event',
      { type: 'kizuna.purchase.completed.v1' },
      aCloudEvent('completed', aPurchase({ occurred_at: '2001-01-01T00:00:00Z' })),
      aCloudEvent('refunded', aRefund()),
    ];
    const contentType = 'application/cloudevents-batch+json';
    const answer = await gateway.call(key, '/v1/events', { body, contentType });

    expect(answer.status).toBe(207);
    expect(answer.body['results']).toMatchObject([
      { status: 202, event_id: 'purchase:A-1001', status_url: '/v1/purchases/A-1001' },
      { status: 400, code: 'invalid_request', errors: [{ pointer: '/1/data/lines/0/sku' }] },
      { status: 400, code: 'unknown_type', errors: [{ pointer: '/2/type' }] },
      { status: 400, code: 'invalid_request', errors: [{ pointer: '/3' }] },
      { status: 400, errors: [{ pointer: '/4/specversion' }, { pointer: '/4/data' }] },
      { status: 400, code: 'occurred_before_start', errors: [{ pointer: '/5/data/occurred_at' }] },
      { status: 202, event_id: 'refund:A-1001:R-1' },
    ]);
    const events = await gateway.published('purchase-events', program);
    expect(events.map(({ event }) => event.id)).toEqual(['purchase:A-1001', 'refund:A-1001:R-1']);
  });

  it('answers 202 when every one is sound, a thousand of one member, in order', async () => {
    const lines = Array.from({ length: 5 }, (_, i) =>
      aLine({ line_id: `${i}`, name: 'A shirt of good cotton '.repeat(8), category: 'shirts' }),
    );
    const ids = Array.from({ length: 1_000 }, (_, i) => `B-${i}`);
    const body = ids.map((order_id) => aCloudEvent('completed', aPurchase({ order_id, lines })));
    const { status, body: answer } = await gateway.call(key, '/v1/events', { body });

    expect([status, (answer['results'] as unknown[]).length]).toEqual([202, 1_000]);
    const events = await gateway.published('purchase-events', program);
    expect(events.map(({ event }) => event.id)).toEqual(ids.map((id) => `purchase:${id}`));
  });

  it.each([
    ['none', []],
    ['1,001', Array.from({ length: 1_001 }, () => 1)],
  ])('refuses as a whole: %s', async (_, body) => {
    expect(await gateway.call(key, '/v1/events', { body })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '' }] },
    });
  });

  it('refuses one with a pointer into its data', async () => {
    const body = aCloudEvent('completed', aPurchase({ currency: 'YEN' }));
    expect(await gateway.call(key, '/v1/events', { body })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/data/currency' }] },
    });
  });

  it.each(['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'])(
    'refuses __proto__ in %s',
    async (contentType) => {
      const text = JSON.stringify([aCloudEvent('completed', aPurchase())]).replace(
        '{',
        '{"__proto__":{"a":1},',
      );
      expect(await gateway.call(key, '/v1/events', { text, contentType })).toMatchObject({ status: 400 });
    },
  );

  it('refuses other media types', async () => {
    const answer = await gateway.call(key, '/v1/events', { text: 'a=b', contentType: 'text/csv' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });
});
