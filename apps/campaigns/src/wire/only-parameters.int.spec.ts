import { TestCampaigns } from '../testing/test-campaigns.js';

describe('query parameters', () => {
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start('2027-04-10T10:00:00+09:00');
    await shop.hasRule({ code: 'BASE', reward: { kind: 'fixed', units: 1 } });
  });
  afterAll(() => shop?.stop());

  it.each([
    ['/v1/rules?state=active', '/state'],
    ['/v1/rules/BASE?version=1', '/version'],
    ['/v1/reviews?status=open', '/status'],
    ['/v1/reviews/purchase:o?state=open', '/state'],
    ['/v1/awards?member_id=ann&order=1', '/order'],
    ['/v1/awards?member_id=ann&member_id=bob', '/member_id'],
    ['/v1/purchases/o-1?a%2Fb=1', '/a~1b'],
    ['/v1/engagements/e-1?lines=1', '/lines'],
    ['/v1/rules?cursor=a&cursor=b', '/cursor'],
  ])('that a route does not know are refused by name: %s', async (path, pointer) =>
    expect(await shop.get(path)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer }] },
    }),
  );

  it.each([
    '/v1/rules?limit=1',
    '/v1/rules/BASE',
    '/v1/reviews?state=open&limit=1',
    '/v1/awards?member_id=ann&limit=1',
  ])('that it knows are read: %s', async (path) =>
    expect(await shop.get(path)).toMatchObject({ status: 200 }),
  );
});
