import { aPurchase, aCloudEvent } from '../../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('taking in a purchase while the broker is away', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ KAFKA_BROKERS: '127.0.0.1:1' });
  });
  afterAll(() => gateway.stop());

  it('is not promised: 503, try again; the rest of the gateway answers on', async () => {
    const { api_key: key } = await gateway.program();
    const one = gateway.call(key, '/v1/purchases', { body: aPurchase() });
    const many = gateway.call(key, '/v1/events', {
      body: [aCloudEvent('completed', aPurchase()), 'no event'],
    });
    expect(await gateway.call(key, '/v1/program')).toMatchObject({ status: 200 });

    for (const answer of await Promise.all([one, many])) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'broker_unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('2');
    }
  });
});
