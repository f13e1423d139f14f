import type { EventEnvelope } from '@kizuna/contracts';
import { guestKey, memberKey } from '@kizuna/kernel';
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

const program = 'komorebi';
const now = new Date().toISOString();

const settings = (more: object = {}) => ({
  key: program,
  value: JSON.stringify({
    specversion: '1.0',
    id: 'settings:1',
    source: '/gateway',
    type: 'kizuna.program.settings-changed.v1',
    time: now,
    program,
    data: {
      program_id: program,
      revision: 1,
      name: 'Komorebi',
      mode: 'live',
      time_zone: 'Asia/Tokyo',
      currency: 'JPY',
      wallets: [{ wallet: 'points' }],
      rounding: 'floor',
      earn_net_of_tax: true,
      late_window_days: 30,
      max_award: 1_000_000_000,
      starts_at: '2026-01-01T00:00:00.000Z',
      ...more,
    },
  }),
});

const event = (
  member: string | null,
  orderId: string,
  id: string,
  type: string,
  data: object,
  occurredAt = now,
) => ({
  key: member === null ? guestKey(program, orderId) : memberKey(program, member),
  value: JSON.stringify({
    specversion: '1.0',
    id,
    source: `/programs/${program}/api`,
    type,
    time: occurredAt,
    program,
    receivedat: now,
    data: {
      program_id: program,
      order_id: orderId,
      member_id: member,
      occurred_at: occurredAt,
      currency: 'JPY',
      ...data,
    },
  }),
});

const purchase = (
  member: string | null,
  orderId: string,
  prices: readonly number[],
  more: object = {},
  at = now,
) =>
  event(
    member,
    orderId,
    `purchase:${orderId}`,
    'kizuna.purchase.completed.v1',
    {
      channel: 'web',
      lines: prices.map((unit_price_minor, i) => ({
        line_id: String(i + 1),
        sku: `sku-${i}`,
        quantity: 1,
        unit_price_minor,
        discount_minor: 0,
      })),
      prices_include_tax: false,
      discount_minor: 0,
      tax_minor: 0,
      shipping_minor: 0,
      paid_with_points_minor: 0,
      coupon_codes: [],
      ...more,
    },
    at,
  );

const refund = (member: string | null, orderId: string, refundId: string, amounts: object) =>
  event(member, orderId, `refund:${orderId}:${refundId}`, 'kizuna.purchase.refunded.v1', {
    refund_id: refundId,
    ...amounts,
  });

const rule = (more: object = {}) => ({
  code: 'BASE',
  label: '1 point per ¥100',
  trigger: 'purchase',
  wallet: 'points',
  priority: 0,
  line_filter: {},
  reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
  ...more,
});

describe('deciding awards', () => {
  let topics: TestTopics;
  let keys: TestKeySet;
  let room: TestRoom;
  let authorization: string;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    topics = await createTopics('gateway', 'campaigns');
    room = await startRoom(campaigns, { migrations, topics, environment: { JWKS_URL: keys.url } });
    authorization = await keys.authorization(program, 'campaigns');
    await topics.produce('program-settings', [settings()]);
    await eventually(async () =>
      expect((await room.post('/v1/rules', authorization, rule())).status).toBe(201),
    );
  });

  afterAll(async () => {
    await room?.stop();
    await keys.stop();
  });

  const status = async (orderId: string) => {
    const { status: code, body } = await room.get(`/v1/purchases/${orderId}`, authorization);
    if (code !== 200) throw new Error(`order ${orderId} answers ${code}`);
    return body as {
      state: string;
      review_reason?: string;
      awards: { rule: string; amount: number; clawback_total: number }[];
      no_awards: { rule?: string; reason: string }[];
      refunds: { refund_id: string; state: string; reason?: string; over_minor: number }[];
      conflicts: { event_id: string }[];
    };
  };
  const published = async (member: string): Promise<EventEnvelope<Record<string, unknown>>[]> =>
    (await topics.events('award-events')).filter(({ subject }) => subject === member) as EventEnvelope<
      Record<string, unknown>
    >[];

  it('awards an order once, however often it arrives, and says so once', async () => {
    const order = purchase('ann', 'a1', [1980, 3500]);
    await topics.produce('purchase-events', [order, order]);
    await topics.produce('purchase-events', [order, purchase('ann', 'a2', [100])]);
    await eventually(async () => expect((await status('a2')).awards).toHaveLength(1));
    expect((await status('a1')).awards).toMatchObject([{ rule: 'BASE', amount: 54, clawback_total: 0 }]);
    const events = await eventually(async () => {
      const list = await published('ann');
      expect(list).toHaveLength(2);
      return list;
    });
    expect(
      events.map(({ type, data }) => [type, data['business_ref'], data['amount'], data['sequence']]),
    ).toEqual([
      ['kizuna.award.granted.v1', 'a1', 54, 1],
      ['kizuna.award.granted.v1', 'a2', 1, 2],
    ]);
  });

  it('keeps a refund until its order arrives', async () => {
    await topics.produce('purchase-events', [
      refund('bob', 'b1', 'r1', { lines: [{ line_id: '2', amount_minor: 1750 }] }),
    ]);
    expect(await eventually(() => status('b1'))).toMatchObject({
      state: 'awaited',
      refunds: [{ state: 'waiting' }],
    });
    await topics.produce('purchase-events', [purchase('bob', 'b1', [1980, 3500])]);
    await eventually(async () =>
      expect(await status('b1')).toMatchObject({
        state: 'decided',
        awards: [{ amount: 54, clawback_total: 17 }],
        refunds: [{ state: 'applied', over_minor: 0 }],
      }),
    );
  });

  it('records another content under the same id as a conflict and goes on', async () => {
    await topics.produce('purchase-events', [
      purchase('cat', 'c1', [500]),
      purchase('cat', 'c1', [900_000]),
      purchase('cat', 'c1', [900_000]),
      purchase('cat', 'c2', [700]),
    ]);
    await eventually(async () => expect((await status('c2')).awards).toMatchObject([{ amount: 7 }]));
    expect(await status('c1')).toMatchObject({
      awards: [{ amount: 5 }],
      conflicts: [{ event_id: 'purchase:c1' }],
    });
    await eventually(async () =>
      expect((await published('cat')).map(({ type }) => type)).toEqual([
        'kizuna.award.granted.v1',
        'kizuna.purchase.rejected.v1',
        'kizuna.award.granted.v1',
      ]),
    );
  });

  it('gives an order to one member, whichever lane is faster', async () => {
    const rivals = Array.from({ length: 24 }, (_, i) => `rival${i}`);
    await Promise.all(
      rivals.map((member, i) =>
        topics.produce('purchase-events', [
          purchase(member, `d${i % 4}`, [1000]),
          purchase(member, `own-${member}`, [100]),
        ]),
      ),
    );
    for (const member of rivals) await eventually(() => status(`own-${member}`));
    const awards = await room.database.query<{ business_ref: string }>(
      `SELECT business_ref FROM award WHERE business_ref ~ '^d[0-3]$'`,
    );
    expect(awards.map(({ business_ref }) => business_ref).sort()).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect((await status('d0')).conflicts).toHaveLength(5);
  });

  it('decides an order anew that another lane records while it does: a conflict, and nothing is parked', async () => {
    await room.database.transaction(async (tx) => {
      await tx.query('SET LOCAL idle_in_transaction_session_timeout = 0');
      // As that lane leaves it before its COMMIT: a row that nobody else can see, and a key that is taken.
      await tx.query(
        `INSERT INTO purchase SELECT (jsonb_populate_record(p, '{"order_id": "met"}')).* FROM purchase p WHERE order_id = 'a1'`,
      );
      // Alone in its chunk: what fails in company is tried again alone in any case.
      await topics.produce('purchase-events', [purchase('gil', 'met', [1000])]);
      await eventually(async () => {
        const waiting = await room.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'`,
        );
        expect(waiting).toHaveLength(1);
      });
    });
    await topics.produce('purchase-events', [purchase('gil', 'g2', [100])]);
    await eventually(async () => expect((await status('g2')).awards).toHaveLength(1));
    expect(await status('met')).toMatchObject({ conflicts: [{ event_id: 'purchase:met' }], awards: [] });
    expect(await room.database.query('SELECT reason FROM parked_event')).toEqual([]);
  });

  it('rejects the refund of another member', async () => {
    await topics.produce('purchase-events', [purchase('eve', 'e1', [1000])]);
    await eventually(() => status('e1'));
    await topics.produce('purchase-events', [refund('mallory', 'e1', 'r1', { full: true })]);
    await eventually(async () =>
      expect(await status('e1')).toMatchObject({
        awards: [{ clawback_total: 0 }],
        refunds: [{ state: 'rejected', reason: 'foreign_member' }],
      }),
    );
  });

  it('sends a late order to review and gives a guest nothing, with the reason', async () => {
    const late = new Date(Date.parse(now) - 31 * 86_400_000).toISOString();
    await topics.produce('purchase-events', [
      purchase('fay', 'f1', [1000], {}, late),
      purchase(null, 'f2', [1000]),
      purchase('fay', 'f3', [1000], { currency: 'USD' }),
    ]);
    expect(await eventually(() => status('f1'))).toMatchObject({
      state: 'review',
      review_reason: 'late',
      awards: [],
      no_awards: [{ reason: 'review_late' }],
    });
    expect(await eventually(() => status('f2'))).toMatchObject({
      state: 'decided',
      no_awards: [{ reason: 'guest' }],
    });
    expect(await eventually(() => status('f3'))).toMatchObject({
      no_awards: [{ rule: 'BASE', reason: 'currency_not_covered' }],
    });
  });

  it('waits for the settings of a program that it does not know yet', async () => {
    const other = 'later-known';
    const replaced = (message: { key: string; value: string }) => ({
      key: message.key.replace(program, other),
      value: message.value.replaceAll(program, other),
    });
    await topics.produce('purchase-events', [replaced(purchase('gil', 'g1', [1000]))]);
    const mine = await keys.authorization(other, 'campaigns');
    await topics.produce('program-settings', [replaced(settings())]);
    await eventually(async () => expect((await room.get('/v1/purchases/g1', mine)).status).toBe(200));
    expect((await room.get('/v1/purchases/g1', authorization)).status).toBe(404);
  });

  it('answers an address with a NUL or broken encoding with a problem document', async () => {
    for (const path of ['/v1/purchases/%00', '/v1/awards?order_id=%00', '/v1/purchases/%FF'])
      expect(await room.get(path, authorization)).toMatchObject({
        status: 400,
        body: { code: 'malformed_request' },
      });
  });

  it('lists the awards of a member, newest first', async () => {
    const { body } = await room.get('/v1/awards?member_id=ann', authorization);
    expect((body as { items: { business_ref: string }[] }).items).toHaveLength(2);
    for (const asked of ['', '?order_id=', '?order_id=a&order_id=b', '?order_id=a&member_id=ann'])
      expect((await room.get(`/v1/awards${asked}`, authorization)).status).toBe(400);
    const small = authorization.replace('Bearer', 'bearer');
    expect((await room.get('/v1/awards?member_id=ann', small)).status).toBe(200);
    const other = await keys.authorization('another', 'campaigns');
    expect((await room.get('/v1/awards?member_id=ann', other)).body).toMatchObject({ items: [] });
  });

  it.each([
    ['a wallet that does not exist', { code: 'X', wallet: 'gold' }, 422, 'unknown_wallet', '/wallet'],
    ['a version in the past', { valid_from: now }, 422, 'valid_from_too_early', '/valid_from'],
    [
      'an end before the beginning',
      { code: 'Y', valid_from: '2099-01-02T00:00:00Z', valid_to: '2099-01-01T00:00:00Z' },
      422,
      'valid_to_before_valid_from',
      '/valid_to',
    ],
    [
      'a rate of zero',
      { reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 0, per_minor: 100 }] } },
      400,
      'invalid_request',
      '/reward/rates/0/units',
    ],
    [
      'a rate with a fraction',
      { reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1.5, per_minor: 100 }] } },
      400,
      'invalid_request',
      '/reward/rates/0/units',
    ],
    [
      'an unknown currency',
      { reward: { kind: 'base_rate', rates: [{ currency: 'XXY', units: 1, per_minor: 100 }] } },
      400,
      'invalid_request',
      '/reward/rates/0/currency',
    ],
    ['an unknown property', { bonus: 1 }, 400, 'invalid_request', '/bonus'],
    ['a label with a NUL', { label: 'x\u0000' }, 400, 'invalid_request', '/label'],
    ['a label with half a surrogate pair', { label: 'x\ud800' }, 400, 'invalid_request', '/label'],
    ['a blank label', { label: '  ' }, 400, 'invalid_request', '/label'],
    ['a SKU with a NUL', { line_filter: { skus: ['\u0000'] } }, 400, 'invalid_request', '/line_filter/skus'],
    [
      'a kind that does not exist',
      { line_filter: { kinds: ['zzz'] } },
      400,
      'invalid_request',
      '/line_filter/kinds',
    ],
    ['a filter of null', { line_filter: { skus: null } }, 400, 'invalid_request', '/line_filter/skus'],
  ])('refuses %s in a rule', async (_, more, code, name, pointer) => {
    const { status: answered, body } = await room.post('/v1/rules', authorization, rule(more));
    expect([answered, (body as { code: string }).code]).toEqual([code, name]);
    expect((body as { errors: { pointer: string }[] }).errors.map((fault) => fault.pointer)).toContain(
      pointer,
    );
  });

  it('lets a new version begin from now on and keeps the old one for what happened before', async () => {
    const { status: answered, body } = await room.post('/v1/rules', authorization, rule({ label: 'better' }));
    expect([answered, (body as { version: number }).version]).toEqual([201, 2]);
    const { body: read } = await room.get('/v1/rules/BASE', authorization);
    expect((read as { versions: { version: number }[] }).versions.map(({ version }) => version)).toEqual([
      1, 2,
    ]);
    expect((await room.get('/v1/rules/NONE', authorization)).status).toBe(404);
  });
});
