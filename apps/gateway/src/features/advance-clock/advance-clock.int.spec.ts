import type { ServerResponse } from 'node:http';
import { ServiceTokenAuthentication } from '@kizuna/service';
import { eventually } from '@kizuna/testing';
import { aPurchase } from '../../testing/fixtures.js';
import { startTestGateway, type Answer, type TestGateway } from '../../testing/test-gateway.js';
import { startTestUpstream, type TestUpstream } from '../../testing/test-upstream.js';

const START = '2027-04-01T00:00:00.000Z';

describe('moving the clock of a test program', () => {
  let campaigns: TestUpstream;
  let ledger: TestUpstream;
  let gateway: TestGateway;
  let key: string;
  let program: string;

  beforeAll(async () => {
    [campaigns, ledger] = await Promise.all([startTestUpstream(), startTestUpstream()]);
    gateway = await startTestGateway({
      CAMPAIGNS_URL: campaigns.url,
      POINTS_LEDGER_URL: ledger.url,
    });
  });
  beforeEach(async () => {
    ({ api_key: key, program_id: program } = await gateway.program({ mode: 'test', clock_at: START }));
    for (const room of [campaigns, ledger]) {
      room.requests.length = 0;
      room.answer = at(1_000);
    }
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([campaigns.stop(), ledger.stop()]);
  });

  const at =
    (settings_revision: number, settled = true) =>
    (response: ServerResponse): void =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ settings_revision, settled }));
  const advance = (advance_to: unknown, credential = key): Promise<Answer> =>
    gateway.call(credential, '/v1/program/clock', { body: { advance_to } });

  it('is answered when every room has followed', async () => {
    campaigns.answer = at(1);
    ledger.answer = at(2, false);
    const answer = advance('2027-04-15T09:00:00+09:00');
    await eventually(() => expect(campaigns.requests.length).toBeGreaterThan(2));
    campaigns.answer = at(2);
    const asked = ledger.requests.length;
    await eventually(() => expect(ledger.requests.length).toBeGreaterThan(asked + 1));
    ledger.answer = at(2);
    expect(await answer).toMatchObject({
      status: 200,
      body: {
        clock_at: '2027-04-15T00:00:00.000Z',
        revision: 2,
        rooms: [
          { room: 'campaigns', settings_revision: 2, settled: true },
          { room: 'points-ledger', settings_revision: 2, settled: true },
        ],
      },
    });
    const events = await eventually(async () => {
      const published = await gateway.published('program-settings', program);
      expect(published).toHaveLength(2);
      return published;
    });
    expect(events[1]?.event).toMatchObject({ data: { revision: 2, clock_at: '2027-04-15T00:00:00.000Z' } });
  });

  it('asks the rooms in the name of the caller, for this one right', async () => {
    const scopes = ['settings:write'];
    const narrow = await gateway.program({ mode: 'test', clock_at: START, key: { name: 'clock', scopes } });
    expect(await advance('2027-04-02T00:00:00Z', narrow.api_key)).toMatchObject({ status: 200 });
    const [request] = ledger.requests;
    expect(request).toMatchObject({ method: 'GET', url: '/v1/clock' });
    const keySet = `${gateway.room.url}/.well-known/jwks.json`;
    const token = request?.headers.authorization?.slice('Bearer '.length) ?? '';
    expect(await new ServiceTokenAuthentication(keySet, 'points-ledger').authenticate(token)).toEqual({
      programId: narrow.program_id,
      actor: `key:${narrow.key_id}`,
      scopes: new Set(['settings:read']),
    });
  });

  it('says what is missing when a room is late, and waits on when it is asked again', async () => {
    ledger.answer = at(2, false);
    campaigns.answer = (response) => response.writeHead(503).end();
    const rooms = { CAMPAIGNS_URL: campaigns.url, POINTS_LEDGER_URL: ledger.url };
    const impatient = await startTestGateway({ ...rooms, CLOCK_PATIENCE_MS: '500' }, gateway);
    const body = { advance_to: '2027-04-02T00:00:00Z' };
    expect(await impatient.call(key, '/v1/program/clock', { body })).toMatchObject({
      status: 504,
      body: {
        code: 'clock_not_settled',
        clock_at: '2027-04-02T00:00:00.000Z',
        revision: 2,
        rooms: [
          { room: 'campaigns', settings_revision: null, settled: false },
          { room: 'points-ledger', settings_revision: 2, settled: false },
        ],
      },
    });
    campaigns.answer = at(2);
    ledger.answer = at(2);
    expect(await advance(body.advance_to)).toMatchObject({ status: 200, body: { revision: 2 } });
    await impatient.stop();
  });

  it('is the present of the program at once, at every instance', async () => {
    const second = await startTestGateway({}, gateway);
    const early = aPurchase({ occurred_at: '2027-05-01T00:00:00Z' });
    const post = () => second.call(key, '/v1/purchases', { body: early });
    expect(await post()).toMatchObject({ status: 400, body: { code: 'occurred_in_future' } });
    expect(await advance('2027-05-01T00:00:00Z')).toMatchObject({ status: 200 });
    expect(await post()).toMatchObject({ status: 202 });
    const [{ event } = {}] = await second.published('purchase-events', program);
    expect(event?.receivedat).toBe('2027-05-01T00:00:00.000Z');
    await second.stop();
  });

  it.each<[string, unknown, number, string]>([
    ['back', '2027-03-31T23:59:59Z', 422, 'clock_moves_forward'],
    ['beyond the year 9000', '9998-12-31T00:00:00Z', 422, 'clock_too_far'],
    ['to no instant', 'tomorrow', 400, 'invalid_request'],
    ['nowhere', undefined, 400, 'invalid_request'],
  ])('is refused: %s', async (_, advance_to, status, code) => {
    const answer = await advance(advance_to);
    expect(answer).toMatchObject({ status, body: { code, errors: [{ pointer: '/advance_to' }] } });
    expect((await gateway.call(key, '/v1/program')).body).toMatchObject({ clock_at: START, revision: 1 });
  });

  it('is refused in a live program', async () => {
    const live = await gateway.program();
    expect(await advance('2030-01-01T00:00:00Z', live.api_key)).toMatchObject({
      status: 422,
      body: { code: 'not_a_test_program' },
    });
  });

  it('does not stop the operator from asking for the program again', async () => {
    await advance('2027-06-01T00:00:00Z');
    const document = { program_id: program, mode: 'test', clock_at: START };
    expect(await gateway.program(document)).toMatchObject({ created: false, revision: 2 });
  });
});
