import { DAY, type Instant } from '@kizuna/kernel';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';

const at = tokyo('2027-04-10T10:00:00');
const dayAfter = (days: number): Instant => (at + days * DAY) as Instant;

interface Item {
  readonly at: string;
  readonly kind: string;
  readonly id: string;
  readonly [fact: string]: unknown;
}

/** What a member, and those who answer for the shop, read of a wallet. */
describe('reading what happened', () => {
  let ledger: TestLedger;
  const first: AwardGiven = {
    member: 'ann',
    ref: '1001',
    amount: 100,
    at,
    releaseAt: dayAfter(2),
    ruleLabelJa: '基本ポイント',
  };

  beforeAll(async () => {
    ledger = await TestLedger.start();
    await ledger.settings(at);
    await ledger.receives(ledger.granted(first));
    await ledger.reaches('ann', [100, 0, 0, 0]);
    await ledger.receives(ledger.clawedBack(first, 10, dayAfter(1)));
    await ledger.reaches('ann', [90, 0, 0, 0]);
    await ledger.redeem({ redemption_id: 'early', member_id: 'ann', wallet: 'points', units: 80 });
    await ledger.advance(dayAfter(2));
    await ledger.redeem({ redemption_id: 'gift', member_id: 'ann', wallet: 'points', units: 80 });
    await ledger.receives(ledger.clawedBack(first, 40, dayAfter(2), { refund: 'r2' }));
    await ledger.reaches('ann', [0, 0, 0, 20]);
    const back: AwardGiven = {
      member: 'ann',
      ref: 'back',
      amount: 7,
      at: dayAfter(3),
      wallet: 'cashback-jpy',
    };
    await ledger.receives(ledger.granted(back));
    await ledger.reaches('ann', [0, 7, 0, 0], 'cashback-jpy');
  });

  afterAll(() => ledger?.stop());

  const activity = async (query: string, programId?: string, scopes?: readonly string[]) =>
    ledger.get(`/v1/members/ann/activity${query}`, programId, scopes);

  it('tells transfers of all wallets and refusals, the newest first', async () => {
    const { body } = await activity('');
    const { items, next } = body as { items: Item[]; next?: string };
    expect(next).toBeUndefined();
    // At one moment the order is that of the ids.
    const told = items.map((item) => [item.at.slice(0, 10), item['transfer_kind'] ?? item.kind]);
    expect([...told].sort()).toEqual(
      [
        ['2027-04-13', 'award'],
        ['2027-04-12', 'release'],
        ['2027-04-12', 'redemption'],
        ['2027-04-12', 'clawback'],
        ['2027-04-12', 'clawback'],
        ['2027-04-11', 'clawback'],
        ['2027-04-10', 'award'],
        ['2027-04-10', 'refused_redemption'],
      ].sort(),
    );
    const places = items.map((item) => `${item.at} ${item.id}`);
    expect(places).toEqual([...places].sort().reverse());
    expect(items.find(({ kind }) => kind === 'refused_redemption')).toMatchObject({
      id: 'early',
      refusal: { code: 'insufficient_points', available: 0, required: 80 },
      text: {
        en: '80 points could not be used: 0 points are available.',
        ja: '80ポイントを利用できませんでした。利用できるのは0ポイントです。',
      },
    });
    expect(items[0]).toMatchObject({ wallet: 'cashback-jpy', amount: 7, rule: 'BASE' });
  });

  it('is paged, and refuses a place that is none', async () => {
    const { items: all } = (await activity('')).body as { items: Item[] };
    const seen: Item[] = [];
    for (let query = '?limit=3'; ;) {
      const { items, next } = (await activity(query)).body as { items: Item[]; next?: string };
      seen.push(...items);
      if (next === undefined) break;
      query = `?limit=3&before=${next}`;
    }
    expect(seen).toEqual(all);
    expect((await activity('?before=nonsense')).status).toBe(400);
    expect((await activity('?limit=0')).status).toBe(400);
  });

  it.each([
    'members/ann/activity?cursor=x',
    'members/ann/wallets?wallet=points',
    'members/ann/wallets/points?as_of=2027-04-10T00:00:00Z',
    'members/ann/wallets/points/transfers?limit=3&order=asc',
    'members/ann/wallets/points/transfers?limit=3&limit=4',
    'members/ann/wallets/points/lots?limit=3',
    'transfers/01982f4e-6f3a-8a51-9d5e-0c8f7a1b2c3d?member_id=ann',
    'redemptions/gift?expand=lots',
    'clock?at=2027-04-10T00:00:00Z',
  ])('answers no question that it does not know: %s', async (path) => {
    const name = /(\w+)=[^=]*$/.exec(path)?.[1] ?? '';
    expect(await ledger.get(`/v1/${path}`)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        detail: expect.stringContaining(name),
        errors: [{ pointer: `/${name}` }],
      },
    });
  });

  it('is nothing to another program, nor to a caller without the scope', async () => {
    expect((await activity('', 'another-program')).body).toEqual({ items: [] });
    expect((await activity('', ledger.program, ['wallets:read'])).status).toBe(403);
    const scopes = ['members:read'];
    for (const path of ['wallets', 'wallets/points', 'wallets/points/transfers', 'wallets/points/lots'])
      expect((await ledger.get(`/v1/members/ann/${path}`, ledger.program, scopes)).status).toBe(403);
    expect((await ledger.get('/v1/members/ann/wallets/points', 'another-program')).status).toBe(404);
  });

  it('has a statement of sentences, in both languages', async () => {
    const { items } = (await ledger.get('/v1/members/ann/wallets/points/transfers')).body as {
      items: { kind: string; rule: string | null; text: { en: string; ja: string } }[];
    };
    expect(items.map(({ text }) => text.en).reverse()).toEqual([
      'Earned 100 points with order 1001 (Base points), usable from 12 April 2027.',
      '10 points from order 1001 (Base points) were taken back for refund r1.',
      '90 points from order 1001 (Base points) became usable.',
      'Used 80 points.',
      '10 points from order 1001 (Base points) were taken back for refund r2.',
      '20 points are owed for refund r2: the units had been used.',
    ]);
    expect(items.at(-1)).toMatchObject({
      rule: 'BASE',
      text: { ja: expect.stringMatching(/基本ポイント.*2027年4月12日から/) },
    });
  });

  it('has wallets with their worth, and what changes by itself', async () => {
    const soon: AwardGiven = { member: 'bob', ref: '1', amount: 5, at, expiresAt: dayAfter(50) };
    const same: AwardGiven = { ...soon, ref: '2', amount: 6 };
    const later: AwardGiven = { ...soon, ref: '3', amount: 7, expiresAt: dayAfter(60) };
    const waits: AwardGiven = { ...soon, ref: '4', amount: 8, releaseAt: dayAfter(10) };
    const waitsLonger: AwardGiven = { ...soon, ref: '5', amount: 9, releaseAt: dayAfter(20) };
    await ledger.receives(...[soon, same, later, waits, waitsLonger].map((award) => ledger.granted(award)));
    await ledger.reaches('bob', [17, 18, 0, 0]);
    const points = {
      wallet: 'points',
      pending: 17,
      available: 18,
      value: { currency: 'JPY', minor: 18 },
      next_release: { at: new Date(dayAfter(10)).toISOString(), amount: 8 },
      expiring: [
        { at: new Date(dayAfter(50)).toISOString(), amount: 11 },
        { at: new Date(dayAfter(60)).toISOString(), amount: 7 },
      ],
    };
    expect((await ledger.get('/v1/members/bob/wallets/points')).body).toMatchObject(points);
    expect((await ledger.get('/v1/members/bob/wallets')).body).toMatchObject({ wallets: [points] });
    const { body } = await ledger.get('/v1/members/ann/wallets/cashback-jpy');
    expect(body).toMatchObject({ available: 7, next_release: null, expiring: [] });
    expect(body).not.toHaveProperty('value');
  });
});
