import { deterministicId, instant, memberKey } from '@kizuna/kernel';
import {
  createTopics,
  eventually,
  OPERATOR_SECRET,
  startRoom,
  TestKeySet,
  type TestRoom,
  type TestTopics,
} from '@kizuna/testing';
import { migrations } from '../../migrations/index.js';
import { pointsLedger } from '../../points-ledger.module.js';

const at = '2027-04-10T01:00:00.000Z';
const program = 'komorebi';
const operator = `Bearer ${OPERATOR_SECRET}`;

interface Parked {
  readonly id: number;
  readonly key: string | null;
  readonly reason: string | null;
  readonly state: string;
}

/** What a room's operators do when an event could not be handled. */
describe('parked awards', () => {
  let topics: TestTopics;
  let keys: TestKeySet;
  let ledger: TestRoom;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    topics = await createTopics('gateway', 'campaigns', 'points-ledger');
    ledger = await startRoom(pointsLedger, {
      migrations,
      topics,
      environment: { JWKS_URL: keys.url, LOG_LEVEL: 'silent' },
    });
  });

  afterAll(async () => {
    await ledger?.stop();
    await keys.stop();
  });

  const awardId = (member: string, order: string): string =>
    deterministicId(instant(at), program, member, order);
  const envelope = (member: string, order: string, type: string, data: object) => ({
    specversion: '1.0',
    id: `${type}:${awardId(member, order)}`,
    source: '/campaigns',
    type,
    time: at,
    program,
    data: {
      program_id: program,
      member_id: member,
      sequence: 1,
      award_id: awardId(member, order),
      wallet: 'points',
      occurred_at: at,
      ...data,
    },
  });
  const granted = (member: string, order: string, amount: number) =>
    envelope(member, order, 'kizuna.award.granted.v1', {
      kind: 'purchase',
      business_ref: order,
      rule: 'BASE',
      rule_version: 1,
      amount,
      origin: 'purchase',
      funding: 'brand',
      release_at: null,
      expires_at: null,
    });
  const clawedBack = (member: string, order: string, clawback_total: number) =>
    envelope(member, order, 'kizuna.award.clawed-back.v1', {
      clawback_total,
      refund_id: 'r1',
      policy: 'negative',
    });
  const message = (member: string, event: object) => ({
    key: memberKey(program, member),
    value: JSON.stringify(event),
  });

  const available = async (member: string): Promise<number> => {
    const authorization = await keys.authorization(program, 'points-ledger');
    const { body } = await ledger.get(`/v1/members/${member}/wallets/points`, authorization);
    return (body as { available: number }).available;
  };
  const parked = async (member: string, state = 'parked'): Promise<Parked[]> => {
    const path = `/internal/parked?state=${state}&key=${encodeURIComponent(memberKey(program, member))}`;
    const { body } = await ledger.get(path, operator);
    return (body as { items: Parked[] }).items;
  };

  it('are set aside by key with their reason while other members flow, and replay keeps their order', async () => {
    // A schema-invalid event with a readable key, one that makes the handler throw, and what comes behind them.
    await topics.produce('award-events', [
      message('ann', granted('ann', '1', 10)),
      message('ann', { ...granted('ann', '2', 5), data: { ...granted('ann', '2', 5).data, amount: 'five' } }),
      message('bob', clawedBack('bob', 'never-posted', 3)),
      message('ann', granted('ann', '3', 7)),
      message('bob', granted('bob', '2', 4)),
      message('cat', granted('cat', '1', 30)),
    ]);
    await eventually(async () => {
      expect((await parked('cat')).map(({ reason }) => reason)).toEqual([]);
      expect(await available('cat')).toBe(30);
      expect((await parked('ann')).map(({ reason }) => reason)).toEqual([
        expect.stringContaining('/amount'),
        null,
      ]);
      expect((await parked('bob')).map(({ reason }) => reason)).toEqual([
        expect.stringContaining('was never posted'),
        null,
      ]);
    });
    expect(await available('ann')).toBe(10);
    const copies = await eventually(async () => {
      const list = await topics.read('award-events.dlq');
      expect(list).toHaveLength(2);
      return list.map(({ value }) => JSON.parse(value?.toString() ?? '') as { key: string; reason: string });
    });
    expect(copies.map(({ key }) => key).sort()).toEqual([
      memberKey(program, 'ann'),
      memberKey(program, 'bob'),
    ]);

    // Later events of a parked key wait as well.
    await topics.produce('award-events', [
      message('ann', granted('ann', '4', 1)),
      message('cat', granted('cat', '2', 1)),
    ]);
    await eventually(async () => expect(await available('cat')).toBe(31));
    await eventually(async () => expect(await parked('ann')).toHaveLength(3));

    // A replay without a fix stops at the same event and changes nothing.
    const replay = (member: string) =>
      ledger.post('/internal/parked/replay', operator, {
        topic: 'award-events',
        key: memberKey(program, member),
        actor: 'ops',
      });
    const [first] = await parked('ann');
    expect((await replay('ann')).body).toMatchObject({ replayed: 0, stopped_at: { id: first?.id } });
    expect(await available('ann')).toBe(10);

    // The edited event takes its place; everything behind it follows in order.
    const useless = { event: { nonsense: true }, reason: 'typo', actor: 'ops' };
    expect((await ledger.post(`/internal/parked/${first?.id}/resubmit`, operator, useless)).status).toBe(422);
    const edited = { event: granted('ann', '2', 5), reason: 'amount was text', actor: 'ops' };
    expect((await ledger.post(`/internal/parked/${first?.id}/resubmit`, operator, edited)).status).toBe(200);
    expect((await replay('ann')).body).toEqual({ replayed: 3, stopped_at: null });
    expect(await available('ann')).toBe(23);
    const rows = await ledger.database.query<{ business_ref: string }>(
      `SELECT business_ref FROM transfer WHERE member_id = 'ann' ORDER BY seq`,
    );
    expect(rows.map(({ business_ref }) => business_ref)).toEqual(['1', '2', '3', '4']);
    expect((await parked('ann', 'replayed')).map(({ state }) => state)).toEqual([
      'replayed',
      'replayed',
      'replayed',
    ]);

    // What cannot be mended is given up with a reason, and the key flows again.
    const [hopeless] = await parked('bob');
    const reason = { reason: 'an award that never was', actor: 'ops' };
    expect((await ledger.post(`/internal/parked/${hopeless?.id}/discard`, operator, reason)).status).toBe(
      200,
    );
    expect((await ledger.post(`/internal/parked/${hopeless?.id}/discard`, operator, reason)).status).toBe(
      409,
    );
    expect((await replay('bob')).body).toEqual({ replayed: 1, stopped_at: null });
    await topics.produce('award-events', [
      message('bob', granted('bob', '3', 1)),
      message('ann', granted('ann', '5', 1)),
    ]);
    await eventually(async () => expect([await available('bob'), await available('ann')]).toEqual([5, 24]));
    expect(await parked('bob')).toEqual([]);
  });

  it('are shown to nobody without the operator secret', async () => {
    expect((await ledger.get('/internal/parked', 'Bearer wrong')).status).toBe(401);
    expect(
      (await ledger.get('/internal/parked', await keys.authorization(program, 'points-ledger'))).status,
    ).toBe(401);
    expect((await ledger.get('/internal/parked/999999', operator)).status).toBe(404);
    expect((await ledger.get('/internal/parked?state=lost', operator)).status).toBe(400);
  });

  it('are served on the operators’ port only, and nothing else is served there', async () => {
    const statusOf = async (url: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: operator } })).status;
    expect(await statusOf(`${ledger.url}/internal/parked`)).toBe(404);
    expect(await statusOf(`${ledger.url}/metrics`)).toBe(404);
    expect(await statusOf(`${ledger.internalUrl}/internal/parked`)).toBe(200);
    expect(await statusOf(`${ledger.internalUrl}/v1/members/ann/wallets`)).toBe(404);
    expect(await statusOf(`${ledger.internalUrl}/health/live`)).toBe(200);
  });

  it('are told among the metrics and the lag', async () => {
    const text = await (await fetch(`${ledger.internalUrl}/metrics`)).text();
    expect(text).toMatch(/kizuna_events_parked_total\{topic="award-events",room="points-ledger"\} 5/);
    expect(text).toMatch(/kizuna_parked_keys\{room="points-ledger"\} 0/);
    expect(text).toMatch(/kizuna_lag_messages\{topic="award-events",room="points-ledger"\} 0/);
    const { body } = await ledger.get('/internal/lag', operator);
    expect((body as { lanes: { messages: number }[] }).lanes.every(({ messages }) => messages === 0)).toBe(
      true,
    );
  });
});
