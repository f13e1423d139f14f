import { aRefund } from '../../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('taking in a refund', () => {
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
    ['named in the body too', aRefund()],
    ['named by the path alone', aRefund({ order_id: undefined })],
  ])('belongs to the order of the path: %s', async (_, body) => {
    expect(await gateway.call(key, '/v1/purchases/A-1001/refunds', { body })).toMatchObject({
      status: 202,
      body: { event_id: 'refund:A-1001:R-1', status_url: '/v1/purchases/A-1001' },
    });
    expect(await gateway.published('purchase-events', program)).toMatchObject([
      {
        key: `${program}:ann`,
        event: {
          id: 'refund:A-1001:R-1',
          type: 'kizuna.purchase.refunded.v1',
          time: '2026-03-05T01:00:00.000Z',
          data: { program_id: program, ...aRefund(), occurred_at: '2026-03-05T01:00:00.000Z' },
        },
      },
    ]);
  });

  it('of a guest has the order as its key, read from an encoded path', async () => {
    const body = aRefund({ member_id: null, order_id: undefined });
    const answer = await gateway.call(key, '/v1/purchases/shop%2F2026%237/refunds', { body });
    expect(answer).toMatchObject({ status: 202, body: { event_id: 'refund:shop/2026#7:R-1' } });
    expect(await gateway.published('purchase-events', program)).toMatchObject([
      { key: `${program}:order:shop/2026#7` },
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another order', { order_id: 'A-1002' }, '/order_id'],
    ['no refund id', { refund_id: undefined }, '/refund_id'],
    ['nothing that says how much', { full: undefined }, ''],
    ['two answers to how much', { amount_minor: 5 }, ''],
    ['a refund of nothing', { full: undefined, amount_minor: 0 }, '/amount_minor'],
    [
      'a line twice',
      {
        full: undefined,
        lines: [
          { line_id: '1', amount_minor: 1 },
          { line_id: '1', amount_minor: 1 },
        ],
      },
      '/lines/1/line_id',
    ],
    ['an unknown property', { balance: 1 }, '/balance'],
  ])('is refused with a pointer: %s', async (_, fields, pointer) => {
    const answer = await gateway.call(key, '/v1/purchases/A-1001/refunds', { body: aRefund(fields) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });

  it('is refused when the path names no order id', async () => {
    const body = aRefund({ order_id: undefined });
    expect(await gateway.call(key, '/v1/purchases/a:b/refunds', { body })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/order_id' }] },
    });
  });
});
