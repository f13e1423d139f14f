import { laneOf } from '@kizuna/messaging';
import { anEngagement, aPurchase } from '../../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

describe('taking in an engagement', () => {
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

  it('is in its topic when it is answered, in the lane of its member', async () => {
    expect(await gateway.call(key, '/v1/engagements', { body: anEngagement() })).toMatchObject({
      status: 202,
      body: { event_id: 'engagement:review-77', status_url: '/v1/engagements/review-77' },
    });
    const occurred_at = '2026-03-01T23:00:00.000Z';
    expect(await gateway.published('engagement-events', program)).toMatchObject([
      {
        partition: laneOf(`${program}:ann`),
        key: `${program}:ann`,
        event: {
          id: 'engagement:review-77',
          source: `/programs/${program}/api`,
          type: 'kizuna.engagement.recorded.v1',
          time: occurred_at,
          subject: 'ann',
          program,
          data: { program_id: program, ...anEngagement(), occurred_at },
        },
      },
    ]);
  });

  it('has an address for every id that there is', async () => {
    const body = anEngagement({ id: 'survey/2026#7' });
    expect(await gateway.call(key, '/v1/engagements', { body })).toMatchObject({
      status: 202,
      body: { event_id: 'engagement:survey/2026#7', status_url: '/v1/engagements/survey%2F2026%237' },
    });
  });

  it('comes as a CloudEvent beside purchases, with a result of its own', async () => {
    const event = (type: string, data: unknown) => ({ specversion: '1.0', type, data });
    const body = [
      event('kizuna.engagement.recorded.v1', anEngagement()),
      event('kizuna.purchase.completed.v1', aPurchase()),
      event('kizuna.engagement.recorded.v1', anEngagement({ activity: '' })),
    ];
    const answer = await gateway.call(key, '/v1/events', { body });
    expect(answer.status).toBe(207);
    expect(answer.body['results']).toMatchObject([
      { status: 202, event_id: 'engagement:review-77' },
      { status: 202, event_id: 'purchase:A-1001' },
      { status: 400, code: 'invalid_request', errors: [{ pointer: '/2/data/activity' }] },
    ]);
    expect(await gateway.published('engagement-events', program)).toHaveLength(1);
    expect(await gateway.published('purchase-events', program)).toHaveLength(1);
  });

  const inElevenMinutes = new Date(Date.now() + 11 * 60_000).toISOString();
  it.each<[string, Record<string, unknown>, string, string]>([
    ['no id', { id: undefined }, 'invalid_request', '/id'],
    ['an id with a colon', { id: 'a:b' }, 'invalid_request', '/id'],
    ['a guest', { member_id: null }, 'invalid_request', '/member_id'],
    ['an e-mail as member', { member_id: 'a@b.c' }, 'invalid_request', '/member_id'],
    ['an activity that is no code', { activity: 'wrote a review' }, 'invalid_request', '/activity'],
    ['an unknown property', { points: 50 }, 'invalid_request', '/points'],
    ['a hidden attribute', { attributes: { __stars: 1 } }, 'invalid_request', '/attributes'],
    ['a list as attribute', { attributes: { stars: [1] } }, 'invalid_request', '/attributes/stars'],
    ['T7: 11 minutes ahead', { occurred_at: inElevenMinutes }, 'occurred_in_future', '/occurred_at'],
    ['before the start', { occurred_at: '2024-12-31T23:59:59Z' }, 'occurred_before_start', '/occurred_at'],
  ])('is refused with a pointer: %s', async (_, fields, code, pointer) => {
    const answer = await gateway.call(key, '/v1/engagements', { body: anEngagement(fields) });
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect(answer.body['errors']).toContainEqual({ pointer, detail: expect.any(String) });
    expect(await gateway.published('engagement-events', program)).toEqual([]);
  });

  it('needs the scope of intake', async () => {
    const { api_key } = await gateway.program({ key: { name: 'reader', scopes: ['purchases:read'] } });
    expect(await gateway.call(api_key, '/v1/engagements', { body: anEngagement() })).toMatchObject({
      status: 403,
    });
  });

  describe('in a program with a test clock', () => {
    const clock_at = '2027-04-10T00:00:00.000Z';
    beforeEach(async () => {
      ({ program_id: program, api_key: key } = await gateway.program({ mode: 'test', clock_at }));
    });

    it('is received at the present of the program', async () => {
      const body = anEngagement({ occurred_at: '2027-04-10T00:10:00Z' });
      expect(await gateway.call(key, '/v1/engagements', { body })).toMatchObject({ status: 202 });
      expect(await gateway.published('engagement-events', program)).toMatchObject([
        { event: { receivedat: clock_at } },
      ]);
    });

    it('T7: is refused 11 minutes ahead of that clock', async () => {
      const occurred_at = '2027-04-10T00:11:00Z';
      for (const [path, body] of [
        ['/v1/engagements', anEngagement({ occurred_at })],
        ['/v1/purchases', aPurchase({ occurred_at })],
      ] as const)
        expect(await gateway.call(key, path, { body })).toMatchObject({
          status: 400,
          body: { code: 'occurred_in_future', errors: [{ pointer: '/occurred_at' }] },
        });
    });
  });
});
