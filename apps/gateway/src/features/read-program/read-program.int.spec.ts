import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('reading the own program', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('shows the settings with their revision, whatever program the query names', async () => {
    const { program_id, api_key } = await gateway.program({ rounding: 'ceil' });
    const other = await gateway.program();
    const answer = await gateway.call(api_key, `/v1/program?program_id=${other.program_id}`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        program_id,
        revision: 1,
        name: 'A shop',
        mode: 'live',
        time_zone: 'Asia/Tokyo',
        currency: 'JPY',
        wallets: [{ wallet: 'points' }],
        rounding: 'ceil',
        earn_net_of_tax: true,
        late_window_days: 30,
        max_award: 1_000_000_000,
        starts_at: '2025-01-01T00:00:00Z',
      },
    });
  });
});
