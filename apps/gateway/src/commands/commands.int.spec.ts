import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Database } from '@kizuna/database';
import { eventually, times } from '@kizuna/testing';
import { CommandsRepository } from '../storage/commands.repository.js';
import { startTestGateway, type Answer, type TestGateway } from '../testing/test-gateway.js';
import { startTestUpstream, type TestUpstream } from '../testing/test-upstream.js';

const redemption = { redemption_id: 'R-1', member_id: 'ann', wallet: 'points', units: 70 };

describe('a command with an Idempotency-Key', () => {
  let ledger: TestUpstream;
  let gateway: TestGateway;
  let owner: Database;
  let key: string;
  let program: string;

  beforeAll(async () => {
    ledger = await startTestUpstream();
    gateway = await startTestGateway({ POINTS_LEDGER_URL: ledger.url, CAMPAIGNS_URL: ledger.url });
    const url = gateway.room.urls.ownerUrl;
    owner = await Database.connect({ url, schema: 'gateway', applicationName: 'test', poolSize: 2 });
  });
  beforeEach(async () => {
    ({ api_key: key, program_id: program } = await gateway.program());
    ledger.requests.length = 0;
    ledger.answer = answering(201);
  });
  afterAll(async () => {
    await owner.close();
    await gateway.stop();
    await ledger.stop();
  });

  /** Every effect has its own number, so that two of them could be told apart. */
  let effects = 0;
  const answering =
    (status: number) =>
    (response: ServerResponse): void => {
      const text = JSON.stringify({ status, effect: (effects += 1) });
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
  const redeem = (name: string | undefined, body: object = redemption, credential = key): Promise<Answer> =>
    gateway.call(credential, '/v1/redemptions', {
      body,
      headers: name === undefined ? {} : { 'idempotency-key': name },
    });
  const ageBy = (name: string, interval: string): Promise<unknown> =>
    owner.query(
      `UPDATE command SET started_at = started_at - $3::interval, created_at = created_at - $3::interval
       WHERE program_id = $1 AND idempotency_key = $2`,
      [program, name, interval],
    );

  it('has one effect and the same answer for ever, and the room sees the key', async () => {
    const first = await redeem('once');
    const again = await redeem('once', { ...redemption });
    const shuffled = await redeem('once', Object.fromEntries(Object.entries(redemption).reverse()));
    expect(first).toMatchObject({ status: 201 });
    expect([again.status, again.body, shuffled.body]).toEqual([201, first.body, first.body]);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(ledger.requests).toMatchObject([{ headers: { 'idempotency-key': 'once' } }]);
  });

  it('S-07: has one effect when 50 of the same arrive at once, at two instances', async () => {
    const second = await startTestGateway({ POINTS_LEDGER_URL: ledger.url }, gateway);
    const doors = [gateway, second];
    const send = (index: number): Promise<Answer> =>
      doors[index % 2]!.call(key, '/v1/redemptions', {
        body: redemption,
        headers: { 'idempotency-key': 'storm' },
      });
    const answers = await times(50, send);
    expect(ledger.requests).toHaveLength(1);
    const decided = answers.filter(({ status }) => status === 201);
    const inFlight = answers.filter(({ status }) => status === 409);
    expect(decided.length + inFlight.length).toBe(50);
    expect(new Set(decided.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    for (const { body, headers } of inFlight)
      expect([body['code'], headers.get('retry-after')]).toEqual(['command_in_flight', '1']);
    expect((await times(2, send)).map(({ body }) => body)).toEqual([decided[0]?.body, decided[0]?.body]);
    await second.stop();
  });

  it('is not another one: another body, another path', async () => {
    await redeem('mine');
    expect(await redeem('mine', { ...redemption, units: 71 })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    const headers = { 'idempotency-key': 'mine' };
    expect(await gateway.call(key, '/v1/rules', { body: redemption, headers })).toMatchObject({
      status: 422,
    });
    expect(ledger.requests).toHaveLength(1);
  });

  it('is another one in another program', async () => {
    const other = await gateway.program();
    const answers = [await redeem('shared'), await redeem('shared', redemption, other.api_key)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.body).not.toEqual(answers[1]?.body);
    expect(ledger.requests).toHaveLength(2);
  });

  it.each<[string, string | undefined, string]>([
    ['missing', undefined, 'idempotency_key_required'],
    ['201 characters', 'k'.repeat(201), 'invalid_idempotency_key'],
    ['10 KB', 'k'.repeat(10_240), 'invalid_idempotency_key'],
    ['empty', '', 'invalid_idempotency_key'],
    ['two', 'a, b', 'invalid_idempotency_key'],
  ])('is refused before anything happens: %s', async (_, name, code) => {
    expect(await redeem(name)).toMatchObject({ status: 400, body: { code } });
    expect(ledger.requests).toEqual([]);
    expect(await owner.query('SELECT 1 FROM command WHERE program_id = $1', [program])).toEqual([]);
  });

  it('keeps a refusal: it was the decision', async () => {
    ledger.answer = answering(422);
    const first = await redeem('refused');
    ledger.answer = answering(201);
    expect(await redeem('refused')).toMatchObject({ status: 422, body: first.body });
    expect(ledger.requests).toHaveLength(1);
  });

  it.each([403, 408, 429, 500, 503])('keeps nothing that is no decision: %d', async (status) => {
    ledger.answer = answering(status);
    expect(await redeem('later')).toMatchObject({ status });
    ledger.answer = answering(201);
    expect(await redeem('later', { ...redemption, units: 71 })).toMatchObject({ status: 422 });
    expect(await redeem('later')).toMatchObject({ status: 201 });
    expect(await redeem('later')).toMatchObject({ status: 201 });
    expect(ledger.requests).toHaveLength(2);
  });

  it('is open again when the room could not be reached', async () => {
    ledger.answer = (response) => response.socket?.destroy();
    expect(await redeem('away')).toMatchObject({ status: 503, body: { code: 'upstream_unavailable' } });
    ledger.answer = answering(201);
    expect(await redeem('away')).toMatchObject({ status: 201 });
  });

  it('is taken over by one of many after a process died half-way, and not before', async () => {
    // What a process leaves that took the command and died: a running row and no answer.
    let release: () => void = () => undefined;
    ledger.answer = (response) => void (release = () => answering(201)(response));
    const dying = redeem('crash');
    await eventually(() => expect(ledger.requests).toHaveLength(1));
    expect(await redeem('crash')).toMatchObject({ status: 409, body: { code: 'command_in_flight' } });

    await ageBy('crash', '16 seconds');
    ledger.answer = answering(201);
    const answers = await times(8, () => redeem('crash'));
    expect(ledger.requests).toHaveLength(2);
    const decided = answers.find(({ status }) => status === 201);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);

    // The first attempt was only slow: its answer comes late and changes nothing.
    release();
    await dying;
    expect((await redeem('crash')).body).toEqual(decided?.body);
  });

  it('may be missing, or be there, with a command that has an id of its own', async () => {
    for (const path of [
      '/v1/rules',
      '/v1/rules/double/pause',
      '/v1/rules/double/resume',
      '/v1/rules/double/end',
      '/v1/reviews/purchase:A-1/release',
      '/v1/reviews/purchase:A-1/refuse',
    ]) {
      const body = { reason: 'as asked' };
      const headers = { 'idempotency-key': randomUUID() };
      ledger.requests.length = 0;
      expect(await gateway.call(key, path, { body })).toMatchObject({ status: 201 });
      const first = await gateway.call(key, path, { body, headers });
      expect((await gateway.call(key, path, { body, headers })).body).toEqual(first.body);
      expect(ledger.requests.map(({ headers: seen }) => seen['idempotency-key'])).toEqual([
        undefined,
        headers['idempotency-key'],
      ]);
    }
  });

  it('is forgotten after thirty days, and no day earlier', async () => {
    await redeem('old');
    await redeem('young');
    await ageBy('old', '30 days 1 minute');
    await ageBy('young', '29 days');
    expect(await new CommandsRepository(gateway.room.database).tidy()).toBe(1);
    const rows = await owner.query('SELECT idempotency_key AS name FROM command WHERE program_id = $1', [
      program,
    ]);
    expect(rows).toEqual([{ name: 'young' }]);
  });
});
