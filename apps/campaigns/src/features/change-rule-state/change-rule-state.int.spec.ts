import { memberKey } from '@kizuna/kernel';
import {
  createTopics,
  eventually,
  startRoom,
  TestKeySet,
  type TestRoom,
  type TestTopics,
} from '@kizuna/testing';
import { campaigns } from '../../campaigns.module.js';
import { migrations } from '../../migrations/index.js';

const live = 'pausing';
const trial = 'pausing-test';
const CLOCK_AT = '2031-05-01T00:00:00.000Z';

const settings = (programId: string, more: object) => ({
  key: programId,
  value: JSON.stringify({
    specversion: '1.0',
    id: `settings:${programId}`,
    source: '/gateway',
    type: 'kizuna.program.settings-changed.v1',
    time: '2026-01-01T00:00:00.000Z',
    program: programId,
    data: {
      program_id: programId,
      revision: 1,
      name: programId,
      mode: 'live',
      time_zone: 'Asia/Tokyo',
      currency: 'JPY',
      wallets: [{ wallet: 'points' }],
      rounding: 'floor',
      earn_net_of_tax: true,
      late_window_days: 30,
      max_award: 1_000_000_000,
      starts_at: '2020-01-01T00:00:00.000Z',
      ...more,
    },
  }),
});

const purchase = (programId: string, orderId: string, occurredAt: string, member = 'ann') => ({
  key: memberKey(programId, member),
  value: JSON.stringify({
    specversion: '1.0',
    id: `purchase:${orderId}`,
    source: `/programs/${programId}/api`,
    type: 'kizuna.purchase.completed.v1',
    time: occurredAt,
    program: programId,
    receivedat: occurredAt,
    data: {
      program_id: programId,
      order_id: orderId,
      member_id: member,
      occurred_at: occurredAt,
      currency: 'JPY',
      channel: 'web',
      lines: [{ line_id: '1', sku: 'x', quantity: 1, unit_price_minor: 1_000, discount_minor: 0 }],
      prices_include_tax: false,
      discount_minor: 0,
      tax_minor: 0,
      shipping_minor: 0,
      paid_with_points_minor: 0,
      coupon_codes: [],
    },
  }),
});

const base = {
  code: 'BASE',
  label: '1 point per ¥100',
  trigger: 'purchase',
  wallet: 'points',
  reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
};

interface Version {
  readonly version: number;
  readonly state: string;
  readonly reason: string | null;
  readonly valid_from: string;
}

describe('the state of a rule', () => {
  let topics: TestTopics;
  let keys: TestKeySet;
  let room: TestRoom;
  let twin: TestRoom;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    topics = await createTopics('gateway', 'campaigns');
    const environment = { JWKS_URL: keys.url };
    room = await startRoom(campaigns, { migrations, topics, environment });
    twin = await startRoom(campaigns, { migrations, topics, environment, shared: room.urls });
    await topics.produce('program-settings', [
      settings(live, {}),
      settings(trial, { mode: 'test', clock_at: CLOCK_AT }),
    ]);
    await eventually(async () => expect(await room.database.query('SELECT 1 FROM program')).toHaveLength(2));
  });

  afterAll(async () => {
    await twin?.stop();
    await room?.stop();
    await keys.stop();
  });

  const change = async (programId: string, command: string, code = 'BASE') => {
    const { status, body } = await room.post(
      `/v1/rules/${code}/${command}`,
      await keys.authorization(programId, 'campaigns'),
      { reason: `because of ${command}` },
    );
    return { status, body: body as Version & { code: string } };
  };
  const create = async (programId: string, rule: object) =>
    room.post('/v1/rules', await keys.authorization(programId, 'campaigns'), rule);
  const decided = async (programId: string, orderId: string): Promise<number> => {
    const authorization = await keys.authorization(programId, 'campaigns');
    return eventually(async () => {
      const { status, body } = await room.get(`/v1/purchases/${orderId}`, authorization);
      expect(status).toBe(200);
      return (body as { awards: unknown[] }).awards.length;
    });
  };
  const ms = (instant: string, by = 0): string => new Date(Date.parse(instant) + by).toISOString();

  it('takes effect at once for what occurs from then on, and never for what occurred before', async () => {
    expect((await create(live, base)).status).toBe(201);
    const { status, body: paused } = await change(live, 'pause');
    expect({ status, paused }).toMatchObject({
      status: 200,
      paused: { version: 2, state: 'paused', reason: 'because of pause' },
    });
    const { body: resumed } = await change(live, 'resume');
    expect(resumed).toMatchObject({ version: 3, state: 'active', reason: 'because of resume' });
    await topics.produce('purchase-events', [
      purchase(live, 'before-pause', ms(paused.valid_from, -1)),
      purchase(live, 'at-pause', paused.valid_from),
      purchase(live, 'before-resume', ms(resumed.valid_from, -1)),
      purchase(live, 'at-resume', resumed.valid_from),
    ]);
    expect(await decided(live, 'before-pause')).toBe(1);
    expect(await decided(live, 'at-pause')).toBe(0);
    expect(await decided(live, 'before-resume')).toBe(0);
    expect(await decided(live, 'at-resume')).toBe(1);

    const { body: ended } = await change(live, 'end');
    await topics.produce('purchase-events', [
      purchase(live, 'before-end', ms(ended.valid_from, -1)),
      purchase(live, 'at-end', ended.valid_from),
    ]);
    expect(await decided(live, 'before-end')).toBe(1);
    expect(await decided(live, 'at-end')).toBe(0);
    expect(await create(live, base)).toMatchObject({ status: 422, body: { code: 'rule_ended' } });
  });

  it('takes effect in every instance, whichever has the lane of a member', async () => {
    const members = Array.from({ length: 16 }, (_, i) => `member-${i}`);
    const arrive = (orders: string, at: string) =>
      topics.produce(
        'purchase-events',
        members.map((member) => purchase(live, `${orders}-${member}`, at, member)),
      );
    const { body: rule } = await create(live, { ...base, code: 'EVERYWHERE' });
    const { valid_from } = rule as Version;
    await arrive('first', valid_from);
    for (const member of members) expect(await decided(live, `first-${member}`)).toBe(1);
    // The version begins five seconds from its entry; until then it cannot be paused.
    const paused = await eventually(async () => {
      const answer = await change(live, 'pause', 'EVERYWHERE');
      expect(answer.status).toBe(200);
      return answer.body;
    });
    await arrive('second', paused.valid_from);
    for (const member of members) expect(await decided(live, `second-${member}`)).toBe(0);
  });

  it('asked for again under one key is answered with the same version', async () => {
    const authorization = await keys.authorization(live, 'campaigns');
    const resume = async () => {
      const response = await fetch(`${twin.url}/v1/rules/EVERYWHERE/resume`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': 'resume-1' },
        body: JSON.stringify({ reason: 'again' }),
      });
      return { status: response.status, body: (await response.json()) as Version };
    };
    const first = await resume();
    expect(first).toMatchObject({ status: 200, body: { version: 3, state: 'active' } });
    expect(await resume()).toEqual(first);
  });

  it('is refused where it cannot change, with the reason', async () => {
    expect(await change(live, 'pause')).toMatchObject({ status: 409, body: { code: 'rule_ended' } });
    expect(await change(live, 'pause', 'NONE')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const authorization = await keys.authorization(live, 'campaigns');
    expect(await room.post('/v1/rules/BASE/pause', authorization, { reason: ' ' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/reason' }] },
    });
  });

  it('of a test program changes at the time of its clock', async () => {
    const { body } = await create(trial, base);
    expect((body as Version).valid_from).toBe('2020-01-01T00:00:00.000Z');
    expect((await change(trial, 'pause')).body.valid_from).toBe(CLOCK_AT);
    await topics.produce('purchase-events', [
      purchase(trial, 'before-clock', ms(CLOCK_AT, -1)),
      purchase(trial, 'at-clock', CLOCK_AT),
    ]);
    expect(await decided(trial, 'before-clock')).toBe(1);
    expect(await decided(trial, 'at-clock')).toBe(0);
    const next = await create(trial, { ...base, label: 'next' });
    expect((next.body as Version).valid_from).toBe(ms(CLOCK_AT, 5_000));
    const { body: read } = await room.get('/v1/rules/BASE', await keys.authorization(trial, 'campaigns'));
    expect(read).toMatchObject({ state: 'paused', current_version: 2 });
    expect((read as { versions: Version[] }).versions).toHaveLength(3);
  });

  it('is paused once by many who pause at the same time', async () => {
    await create(trial, { ...base, code: 'MANY' });
    // The first rule of a running program begins after the notice; the clock stands still, so this one is entered late.
    await room.database.query(
      `UPDATE program SET settings = settings || '{"clock_at": "2031-05-02T00:00:00.000Z"}' WHERE program_id = $1`,
      [trial],
    );
    const answers = await Promise.all(Array.from({ length: 6 }, () => change(trial, 'pause', 'MANY')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    expect(answers.filter(({ body }) => body.code === 'already_paused')).toHaveLength(5);
  });
});
