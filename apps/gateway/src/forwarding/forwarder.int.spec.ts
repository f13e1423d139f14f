import { SCOPES, ServiceTokenAuthentication } from '@kizuna/service';
import { aLine, aPurchase } from '../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';
import { startTestUpstream, type TestUpstream } from '../testing/test-upstream.js';

describe('forwarding to another room', () => {
  let campaigns: TestUpstream;
  let ledger: TestUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    [campaigns, ledger] = await Promise.all([startTestUpstream(), startTestUpstream()]);
    gateway = await startTestGateway({ CAMPAIGNS_URL: campaigns.url, POINTS_LEDGER_URL: ledger.url });
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([campaigns.stop(), ledger.stop()]);
  });

  const seenBy = ({ requests }: TestUpstream) => requests.splice(0);
  const keySet = (): string => `${gateway.room.url}/.well-known/jwks.json`;

  it('carries a token for that room alone, which the published key set verifies', async () => {
    const { api_key, key_id, program_id } = await gateway.program();
    await gateway.call(api_key, '/v1/rules', { headers: { 'x-correlation-id': 'trace-1', cookie: 'a=b' } });

    const [request] = seenBy(campaigns);
    expect(request?.headers).toMatchObject({ 'x-correlation-id': 'trace-1' });
    expect(request?.headers).not.toHaveProperty('cookie');
    expect(request?.headers.authorization).not.toContain(api_key);
    const token = request?.headers.authorization?.slice('Bearer '.length) ?? '';
    const caller = await new ServiceTokenAuthentication(keySet(), 'campaigns').authenticate(token);
    expect(caller).toMatchObject({ programId: program_id, actor: `key:${key_id}` });
    expect(caller?.scopes.has('rules:read')).toBe(true);
    expect(
      await new ServiceTokenAuthentication(keySet(), 'points-ledger').authenticate(token),
    ).toBeUndefined();
  });

  it('has another token for another room', async () => {
    const { api_key } = await gateway.program();
    await gateway.call(api_key, '/v1/rules');
    await gateway.call(api_key, '/v1/transfers/1');
    seenBy(campaigns);
    const token = seenBy(ledger)[0]?.headers.authorization?.slice('Bearer '.length) ?? '';
    const authentication = new ServiceTokenAuthentication(keySet(), 'points-ledger');
    expect(await authentication.authenticate(token)).toBeDefined();
  });

  it('publishes the public part of the key and nothing else', async () => {
    const { body } = await gateway.call(undefined, '/.well-known/jwks.json');
    const word = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);
    expect(body).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: word, kid: word, alg: 'EdDSA', use: 'sig' }],
    });
  });

  it('signs once for many calls', async () => {
    const { api_key } = await gateway.program();
    await Promise.all(Array.from({ length: 5 }, () => gateway.call(api_key, '/v1/rules')));
    expect(new Set(seenBy(campaigns).map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  it.each<[string, 'campaigns' | 'ledger', string]>([
    ['/v1/purchases/A-1?x=1&y=%20', 'campaigns', '/v1/purchases/A-1?x=1&y=%20'],
    ['/v1/purchases/shop%2F7', 'campaigns', '/v1/purchases/shop%2F7'],
    [
      '/v1/purchases/..%2F..%2Finternal%2Fprogress',
      'campaigns',
      '/v1/purchases/..%2F..%2Finternal%2Fprogress',
    ],
    ['/v1/awards?member_id=ann', 'campaigns', '/v1/awards?member_id=ann'],
    ['/v1/rules', 'campaigns', '/v1/rules'],
    ['/v1/rules/double', 'campaigns', '/v1/rules/double'],
    ['/v1/engagements/survey%2F7', 'campaigns', '/v1/engagements/survey%2F7'],
    ['/v1/reviews?state=open&limit=5', 'campaigns', '/v1/reviews?state=open&limit=5'],
    ['/v1/reviews/refund:A-1:R%2F1', 'campaigns', '/v1/reviews/refund%3AA-1%3AR%2F1'],
    ['/v1/redemptions/R-1', 'ledger', '/v1/redemptions/R-1'],
    ['/v1/members/ann/wallets', 'ledger', '/v1/members/ann/wallets'],
    ['/v1/members/ann/wallets/points?as_of=x', 'ledger', '/v1/members/ann/wallets/points?as_of=x'],
    [
      '/v1/members/ann/wallets/points/transfers?cursor=x',
      'ledger',
      '/v1/members/ann/wallets/points/transfers?cursor=x',
    ],
    ['/v1/members/ann/wallets/points/lots', 'ledger', '/v1/members/ann/wallets/points/lots'],
    ['/v1/transfers/0198', 'ledger', '/v1/transfers/0198'],
  ])('goes where it belongs: %s', async (path, room, expected) => {
    const { api_key } = await gateway.program();
    expect(await gateway.call(api_key, path)).toMatchObject({ status: 200 });
    const [requests, others] = room === 'campaigns' ? [campaigns, ledger] : [ledger, campaigns];
    expect(seenBy(requests)).toMatchObject([{ method: 'GET', url: expected }]);
    expect(seenBy(others)).toEqual([]);
  });

  it.each<[string, 'campaigns' | 'ledger']>([
    ['/v1/rules', 'campaigns'],
    ['/v1/rules/double/pause', 'campaigns'],
    ['/v1/rules/double/resume', 'campaigns'],
    ['/v1/rules/double/end', 'campaigns'],
    ['/v1/reviews/purchase%3AA-1/release', 'campaigns'],
    ['/v1/reviews/purchase%3AA-1/refuse', 'campaigns'],
    ['/v1/redemptions', 'ledger'],
  ])('takes a command where it belongs: %s', async (path, room) => {
    const { api_key } = await gateway.program();
    const options = { body: { reason: 'x' }, headers: { 'idempotency-key': 'k' } };
    expect(await gateway.call(api_key, path, options)).toMatchObject({ status: 200 });
    const [requests, others] = room === 'campaigns' ? [campaigns, ledger] : [ledger, campaigns];
    expect(seenBy(requests)).toMatchObject([{ method: 'POST', url: path, body: '{"reason":"x"}' }]);
    expect(seenBy(others)).toEqual([]);
  });

  it('asks for a quote of a cart that it would take in as a purchase, and of no other', async () => {
    const { api_key } = await gateway.program();
    const { order_id: _, ...cart } = aPurchase({ occurred_at: '2099-01-01T00:00:00Z' });
    expect(await gateway.call(api_key, '/v1/quotes', { body: cart })).toMatchObject({ status: 200 });
    expect(seenBy(campaigns)).toMatchObject([
      { method: 'POST', url: '/v1/quotes', body: JSON.stringify(cart) },
    ]);
    for (const [fields, code, pointer] of [
      [{ lines: [aLine(), aLine()] }, 'invalid_request', '/lines/1/line_id'],
      [{ occurred_at: '2024-12-31T00:00:00Z' }, 'occurred_before_start', '/occurred_at'],
    ] as const)
      expect(await gateway.call(api_key, '/v1/quotes', { body: { ...cart, ...fields } })).toMatchObject({
        status: 400,
        body: { code, errors: [{ pointer }] },
      });
    expect(seenBy(campaigns)).toEqual([]);
  });

  it.each([
    ['GET', '/v1/engagements/1', 'purchases:read'],
    ['POST', '/v1/quotes', 'purchases:read'],
    ['POST', '/v1/rules', 'rules:write'],
    ['POST', '/v1/rules/double/pause', 'rules:write'],
    ['POST', '/v1/rules/double/resume', 'rules:write'],
    ['POST', '/v1/rules/double/end', 'rules:write'],
    ['GET', '/v1/reviews', 'reviews:write'],
    ['GET', '/v1/reviews/purchase%3A1', 'reviews:write'],
    ['POST', '/v1/reviews/purchase%3A1/release', 'reviews:write'],
    ['POST', '/v1/reviews/purchase%3A1/refuse', 'reviews:write'],
    ['POST', '/v1/redemptions', 'redemptions:write'],
    ['GET', '/v1/redemptions/1', 'wallets:read'],
    ['GET', '/v1/members/ann/activity', 'members:read'],
    ['PATCH', '/v1/program', 'settings:write'],
    ['GET', '/v1/program/history', 'settings:read'],
    ['POST', '/v1/program/clock', 'settings:write'],
    ['GET', '/v1/api-keys', 'keys:write'],
    ['POST', '/v1/api-keys', 'keys:write'],
    ['DELETE', '/v1/api-keys/ab12cd34', 'keys:write'],
  ])('has a scope of its own: %s %s', async (method, path, scope) => {
    const scopes = SCOPES.filter((other) => other !== scope);
    const { api_key } = await gateway.program({ key: { name: 'all but one', scopes } });
    const answer = await gateway.call(api_key, path, { method, ...(method === 'GET' ? {} : { body: {} }) });
    expect(answer).toMatchObject({ status: 403, body: { code: 'missing_scope' } });
    expect(answer.body['detail']).toContain(scope);
    expect([...seenBy(campaigns), ...seenBy(ledger)]).toEqual([]);
  });

  it('passes a body on, and of the answer what is for the caller', async () => {
    campaigns.answer = (response) =>
      response
        .writeHead(409, {
          'content-type': 'application/problem+json',
          'retry-after': '7',
          'x-inside': 'secret',
        })
        .end('{"code":"rule_exists"}');
    const { api_key } = await gateway.program();
    const answer = await gateway.call(api_key, '/v1/rules', { body: { code: 'double', 絆: [1, null] } });

    expect(seenBy(campaigns)).toMatchObject([{ method: 'POST', body: '{"code":"double","絆":[1,null]}' }]);
    expect(answer).toMatchObject({ status: 409, body: { code: 'rule_exists' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect([answer.headers.get('retry-after'), answer.headers.get('x-inside')]).toEqual(['7', null]);
  });

  it('does not blame the caller when our token is refused', async () => {
    campaigns.answer = (response) => response.writeHead(401).end();
    const { api_key } = await gateway.program();
    expect(await gateway.call(api_key, '/v1/rules')).toMatchObject({
      status: 503,
      body: { code: 'upstream_unavailable' },
    });
  });

  it('gives up on a room that does not answer', async () => {
    ledger.answer = () => undefined;
    const { api_key } = await gateway.program();
    expect(await gateway.call(api_key, '/v1/transfers/1')).toMatchObject({
      status: 504,
      body: { code: 'upstream_timeout' },
    });
  });

  it('says when a room is away', async () => {
    await ledger.stop();
    const { api_key } = await gateway.program();
    const answer = await gateway.call(api_key, '/v1/members/ann/wallets');
    expect(answer).toMatchObject({ status: 503, body: { code: 'upstream_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('2');
  });
});
