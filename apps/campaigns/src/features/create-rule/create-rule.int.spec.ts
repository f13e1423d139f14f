import { readFile } from 'node:fs/promises';
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

const program = 'rule-writers';
const other = 'rule-readers';

const settings = (programId: string, more: object = {}) => ({
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
      wallets: [{ wallet: 'points' }, { wallet: 'cashback-jpy' }],
      rounding: 'floor',
      earn_net_of_tax: true,
      late_window_days: 30,
      max_award: 1_000_000_000,
      starts_at: '2026-01-01T00:00:00.000Z',
      ...more,
    },
  }),
});

const BASE_RATE = { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] };
const rule = (code: string, more: object = {}) => ({
  code,
  label: code,
  trigger: 'purchase',
  wallet: 'points',
  reward: BASE_RATE,
  ...more,
});

interface RuleAnswer {
  readonly code: string;
  readonly version: number;
  readonly state: string;
  readonly detail?: string;
  readonly errors?: { pointer: string; detail: string }[];
}

describe('rules', () => {
  let topics: TestTopics;
  let keys: TestKeySet;
  let room: TestRoom;
  let twin: TestRoom;
  let authorization: string;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    topics = await createTopics('gateway', 'campaigns');
    const environment = { JWKS_URL: keys.url };
    room = await startRoom(campaigns, { migrations, topics, environment });
    twin = await startRoom(campaigns, { migrations, topics, environment, shared: room.urls });
    authorization = await keys.authorization(program, 'campaigns');
    await topics.produce('program-settings', [settings(program), settings(other)]);
    await eventually(async () => expect(await room.database.query('SELECT 1 FROM program')).toHaveLength(2));
  });

  afterAll(async () => {
    await twin?.stop();
    await room?.stop();
    await keys.stop();
  });

  async function post(
    path: string,
    body: unknown,
    { key, on = room, as = authorization }: { key?: string; on?: TestRoom; as?: string } = {},
  ): Promise<{ status: number; body: RuleAnswer }> {
    const response = await fetch(`${on.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: as,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as RuleAnswer };
  }
  const versions = (code: string) =>
    room.database.query<{ version: number; state: string }>(
      'SELECT version, state FROM earning_rule WHERE program_id = $1 AND code = $2 ORDER BY version',
      [program, code],
    );

  it('come back as they were entered, with everything that they can say', async () => {
    const whole = {
      code: 'SPRING-TEA',
      label: 'Spring: tea doubled',
      label_ja: '春のお茶2倍',
      trigger: 'purchase',
      wallet: 'points',
      priority: 5,
      conditions: [
        { label: 'online', label_ja: 'オンライン', expression: 'order.channel == "web"' },
        { label: 'weekend', expression: 'time.weekday in [6, 7]' },
      ],
      line_filter: { categories: ['tea'], attributes: { organic: ['true'], grade: ['1', '2'] } },
      minimum_eligible_minor: 2_000,
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'spring', mode: 'best' },
      cap: { awards: 3, units: 500, all_or_nothing: true },
      pending: { kind: 'until_date', date: '2099-05-01' },
      expiry: { kind: 'rolling', count: 6, unit: 'month', round_to: 'month' },
      valid_from: '2099-04-01T00:00:00.000Z',
      valid_to: '2099-05-01T00:00:00.000Z',
    };
    const { status, body } = await post('/v1/rules', whole);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...whole,
      version: 1,
      state: 'scheduled',
      reason: null,
      created_at: expect.any(String),
      created_by: 'key:test',
      rule_set_revision: expect.any(Number),
    });
    const { body: read } = await twin.get('/v1/rules/SPRING-TEA', authorization);
    expect(read).toEqual({ code: 'SPRING-TEA', state: 'scheduled', current_version: null, versions: [body] });
  });

  it.each<[string, object]>([
    ['fixed units', { reward: { kind: 'fixed', units: 200 }, pending: { kind: 'none' } }],
    [
      'cashback',
      { wallet: 'cashback-jpy', reward: { kind: 'cashback', percent_bp: 300 }, expiry: { kind: 'never' } },
    ],
    [
      'full steps',
      { reward: { ...BASE_RATE, accrual: 'per_step' }, pending: { kind: 'duration', days: 14 } },
    ],
    [
      'an engagement',
      {
        trigger: 'engagement',
        activity: 'review',
        reward: { kind: 'fixed', units: 30 },
        cap: { awards: 3 },
        expiry: { kind: 'fixed_dates', dates: ['02-29', '09-30'] },
      },
    ],
    ['a hundred years', { expiry: { kind: 'rolling', count: 100, unit: 'year', round_to: 'none' } }],
  ])('of every kind are taken: %s', async (name, more) => {
    const { status, body } = await post('/v1/rules', rule(`KIND-${name.replaceAll(' ', '-')}`, more));
    expect({ status, body }).toMatchObject({ status: 201, body: more });
  });

  it.each<[string, object, number, string, string]>([
    ['no reward', { reward: undefined }, 400, 'invalid_request', '/reward/kind'],
    ['a reward that is a list', { reward: [] }, 400, 'invalid_request', '/reward'],
    ['an unknown reward', { reward: { kind: 'gold' } }, 400, 'invalid_request', '/reward/kind'],
    [
      'properties of another reward',
      { reward: { kind: 'fixed', units: 1, percent_bp: 3 } },
      400,
      'invalid_request',
      '/reward/percent_bp',
    ],
    [
      'a multiplier that adds nothing',
      { reward: { kind: 'multiplier', multiplier_bp: 10_000, group: 'g', mode: 'best' } },
      400,
      'invalid_request',
      '/reward/multiplier_bp',
    ],
    [
      'a multiplier without a group',
      { reward: { kind: 'multiplier', multiplier_bp: 20_000, mode: 'best' } },
      400,
      'invalid_request',
      '/reward/group',
    ],
    ['half a unit', { reward: { kind: 'fixed', units: 0.5 } }, 400, 'invalid_request', '/reward/units'],
    [
      'more cashback than the price',
      { reward: { kind: 'cashback', percent_bp: 10_001 } },
      400,
      'invalid_request',
      '/reward/percent_bp',
    ],
    [
      'a multiplier without a mode',
      { reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'g' } },
      400,
      'invalid_request',
      '/reward/mode',
    ],
    ['an expiry without its kind', { expiry: {} }, 400, 'invalid_request', '/expiry/kind'],
    ['an engagement without its activity', { trigger: 'engagement' }, 400, 'invalid_request', '/activity'],
    ['a purchase with an activity', { activity: 'review' }, 400, 'invalid_request', '/activity'],
    ['an unknown trigger', { trigger: 'moon' }, 400, 'invalid_request', '/trigger'],
    ['a cap that limits nothing', { cap: { all_or_nothing: true } }, 400, 'invalid_request', '/cap'],
    ['a cap of zero', { cap: { units: 0 } }, 400, 'invalid_request', '/cap/units'],
    [
      'a day that does not exist',
      { pending: { kind: 'until_date', date: '2027-02-29' } },
      400,
      'invalid_request',
      '/pending/date',
    ],
    ['pending without its days', { pending: { kind: 'duration' } }, 400, 'invalid_request', '/pending/days'],
    ['an unknown pending', { pending: { kind: 'moon' } }, 400, 'invalid_request', '/pending/kind'],
    [
      'an expiry that lacks something',
      { expiry: { kind: 'rolling', count: 3 } },
      400,
      'invalid_request',
      '/expiry',
    ],
    ['an expiry with too much', { expiry: { kind: 'never', count: 3 } }, 400, 'invalid_request', '/expiry'],
    ['an unknown expiry', { expiry: { kind: 'moon' } }, 400, 'invalid_request', '/expiry/kind'],
    [
      'an expiry day that never comes',
      { expiry: { kind: 'fixed_dates', dates: ['13-01'] } },
      400,
      'invalid_request',
      '/expiry/dates',
    ],
    ...['02-30', '04-31', '00-10', 'x'].map((date): [string, object, number, string, string] => [
      `an expiry on ${date}`,
      { expiry: { kind: 'fixed_dates', dates: ['03-31', date] } },
      400,
      'invalid_request',
      '/expiry/dates',
    ]),
    ...(
      [
        [36_501, 'day'],
        [1_201, 'month'],
        [101, 'year'],
        [0, 'year'],
      ] as const
    ).map(([count, unit]): [string, object, number, string, string] => [
      `a life of ${count} ${unit}s`,
      { expiry: { kind: 'rolling', count, unit, round_to: 'none' } },
      400,
      'invalid_request',
      '/expiry/count',
    ]),
    [
      'a condition without a label',
      { conditions: [{ expression: 'true' }] },
      400,
      'invalid_request',
      '/conditions/0/label',
    ],
    [
      'too many conditions',
      { conditions: Array.from({ length: 21 }, () => ({ label: 'x', expression: 'true' })) },
      400,
      'invalid_request',
      '/conditions',
    ],
    [
      'a filter by an attribute of no value',
      { line_filter: { attributes: { a: [] } } },
      400,
      'invalid_request',
      '/line_filter/attributes',
    ],
    [
      'a filter by a reserved name',
      { line_filter: { attributes: { __x: ['1'] } } },
      400,
      'invalid_request',
      '/line_filter/attributes',
    ],
    ['a minimum of zero', { minimum_eligible_minor: 0 }, 400, 'invalid_request', '/minimum_eligible_minor'],
    [
      'a condition that cannot be read',
      {
        conditions: [
          { label: 'fine', expression: 'order.quantity > 1' },
          { label: 'slip', expression: 'order.quantity >' },
        ],
      },
      422,
      'condition_invalid',
      '/conditions/1/expression',
    ],
    [
      'a regular expression',
      { conditions: [{ label: 'x', expression: 'order.channel.matches("(a+)+$")' }] },
      422,
      'condition_invalid',
      '/conditions/0/expression',
    ],
    [
      'a reward that an engagement cannot have',
      { trigger: 'engagement', activity: 'review' },
      422,
      'reward_not_for_trigger',
      '/reward/kind',
    ],
    [
      'lines of an engagement',
      {
        trigger: 'engagement',
        activity: 'a',
        reward: { kind: 'fixed', units: 1 },
        line_filter: { skus: ['x'] },
      },
      422,
      'purchase_only',
      '/line_filter',
    ],
    [
      'inactivity of its own',
      { expiry: { kind: 'inactivity', count: 12, unit: 'month' } },
      422,
      'expiry_belongs_to_wallet',
      '/expiry/kind',
    ],
    ['cashback beside points per money', { wallet: 'cashback-jpy' }, 422, 'wallet_mixed', '/wallet'],
  ])('are refused with the place: %s', async (_, more, status, code, pointer) => {
    const answer = await post('/v1/rules', rule('REFUSED', more));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors?.map((fault) => fault.pointer)).toContain(pointer);
    expect(await versions('REFUSED')).toEqual([]);
  });

  it('of one group have one mode, across rules', async () => {
    const multiplier = (mode: string) => ({
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'tiers', mode },
    });
    expect((await post('/v1/rules', rule('GOLD', multiplier('best')))).status).toBe(201);
    expect(await post('/v1/rules', rule('SILVER', multiplier('additive')))).toMatchObject({
      status: 422,
      body: { code: 'group_mode_conflict', rule: 'GOLD', errors: [{ pointer: '/reward/mode' }] },
    });
    expect((await post('/v1/rules', rule('SILVER', multiplier('best')))).status).toBe(201);
  });

  it('do not take the place of a version that has not begun', async () => {
    // The program has no events yet: its first rules have begun with it.
    const first = await post('/v1/rules', rule('SEASON'));
    expect(first).toMatchObject({ status: 201, body: { state: 'active' } });
    const valid_from = '2098-04-01T00:00:00.000Z';
    expect((await post('/v1/rules', rule('SEASON', { valid_from }))).status).toBe(201);
    for (const earlier of [{}, { valid_from: '2098-03-31T23:59:59.999Z' }])
      expect(await post('/v1/rules', rule('SEASON', earlier))).toMatchObject({
        status: 422,
        body: {
          code: 'scheduled_version_exists',
          version: 2,
          valid_from,
          errors: [{ pointer: '/valid_from' }],
        },
      });
    expect((await post('/v1/rules', rule('SEASON', { valid_from, priority: 2 }))).status).toBe(201);
    expect(await versions('SEASON')).toHaveLength(3);
  });

  it('keep what they are about, and their wallet', async () => {
    const review = { trigger: 'engagement', activity: 'survey', reward: { kind: 'fixed', units: 5 } };
    await post('/v1/rules', rule('SURVEY', review));
    expect(await post('/v1/rules', rule('SURVEY', { ...review, activity: 'share' }))).toMatchObject({
      status: 422,
      body: { code: 'rule_kind_changed', errors: [{ pointer: '/activity' }] },
    });
    expect(await post('/v1/rules', rule('SURVEY', { ...review, wallet: 'cashback-jpy' }))).toMatchObject({
      status: 422,
      body: { code: 'wallet_changed' },
    });
  });

  it('entered by many at once become versions one after the other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        post('/v1/rules', rule('RACE', { label: `number ${i}` }), { on: i % 2 ? room : twin }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    const revisions = await room.database.query<{ distinct: number; max: number; program: number }>(
      `SELECT count(DISTINCT rule_set_revision)::int AS distinct, max(rule_set_revision) AS max,
              (SELECT rule_set_revision FROM program WHERE program_id = $1) AS program
       FROM earning_rule WHERE program_id = $1`,
      [program],
    );
    const all = await room.database.query('SELECT 1 FROM earning_rule WHERE program_id = $1', [program]);
    expect(revisions[0]).toEqual({ distinct: all.length, max: all.length, program: all.length });
  });

  it('entered many times at once under one Idempotency-Key become one version', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        post('/v1/rules', rule('ONCE'), { key: 'once-1', on: i % 2 ? room : twin }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await versions('ONCE')).toHaveLength(1);
    expect((await post('/v1/rules', rule('ONCE'), { key: 'once-2' })).body.version).toBe(2);
  });

  it('under a key that was used for another body are refused', async () => {
    await post('/v1/rules', rule('KEYED'), { key: 'keyed' });
    const reused = { status: 422, body: { code: 'idempotency_key_reused' } };
    expect(await post('/v1/rules', rule('KEYED', { label: 'x' }), { key: 'keyed' })).toMatchObject(reused);
    expect(await post('/v1/rules/KEYED/pause', { reason: 'x' }, { key: 'keyed' })).toMatchObject(reused);
    expect(await versions('KEYED')).toHaveLength(1);
    // Another program has keys of its own.
    const as = await keys.authorization(other, 'campaigns');
    expect((await post('/v1/rules', rule('KEYED', { label: 'x' }), { key: 'keyed', as })).status).toBe(201);
    for (const key of ['', 'a b', 'x'.repeat(201), 'é'])
      expect((await post('/v1/rules', rule('KEYED'), { key })).body.code).toBe('invalid_request');
  });

  it('refused under a key are asked anew when they come again', async () => {
    const wrong = rule('AGAIN', { wallet: 'gold' });
    expect((await post('/v1/rules', wrong, { key: 'again' })).status).toBe(422);
    expect((await post('/v1/rules', wrong, { key: 'again' })).status).toBe(422);
    expect((await post('/v1/rules', rule('AGAIN'), { key: 'again' })).status).toBe(201);
  });

  it('are written and read by nobody without the scope, and not by another program', async () => {
    await post('/v1/rules', rule('OWN'));
    const reader = await keys.authorization(program, 'campaigns', ['rules:read']);
    const writer = await keys.authorization(program, 'campaigns', ['rules:write']);
    const stranger = await keys.authorization(other, 'campaigns');
    for (const path of ['/v1/rules', '/v1/rules/OWN/pause', '/v1/rules/OWN/resume', '/v1/rules/OWN/end'])
      expect((await post(path, { reason: 'x' }, { as: reader })).status).toBe(403);
    expect((await room.get('/v1/rules', writer)).status).toBe(403);
    expect((await room.get('/v1/rules/OWN', writer)).status).toBe(403);
    expect((await room.get('/v1/rules/OWN', stranger)).status).toBe(404);
    for (const command of ['pause', 'resume', 'end'])
      expect((await post(`/v1/rules/OWN/${command}`, { reason: 'x' }, { as: stranger })).status).toBe(404);
    expect(await versions('OWN')).toHaveLength(1);
  });

  it('of docs/rules.md are all accepted, and its conditions read', async () => {
    const page = await readFile(new URL('../../../../../docs/rules.md', import.meta.url), 'utf8');
    const blocks = (language: string): string[] =>
      [...page.matchAll(new RegExp(`\\n\`\`\`${language}\\n(.*?)\\n\`\`\``, 'gs'))].map(
        ([, text = '']) => text,
      );
    const rules = blocks('json').map((text) => JSON.parse(text) as object);
    const conditions = blocks('cel').flatMap((text) => text.split('\n'));
    expect([rules.length, conditions.length]).toEqual([8, 11]);
    const as = await keys.authorization(other, 'campaigns');
    for (const body of rules) expect(await post('/v1/rules', body, { as })).toMatchObject({ status: 201 });
    const asked = conditions.map((expression) => ({ label: expression, expression }));
    expect(await post('/v1/rules', rule('CONDITIONS', { conditions: asked }), { as })).toMatchObject({
      status: 201,
    });
  });

  it('are listed page by page, each version once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await room.get(`/v1/rules?limit=7${page}`, authorization);
      const { items, next_cursor } = body as { items: RuleAnswer[]; next_cursor: string | null };
      seen.push(...items.map(({ code, version }) => `${code} ${version}`));
      cursor = next_cursor;
    } while (cursor !== null);
    const all = await room.database.query('SELECT 1 FROM earning_rule WHERE program_id = $1', [program]);
    expect(new Set(seen).size).toBe(all.length);
  });
});
