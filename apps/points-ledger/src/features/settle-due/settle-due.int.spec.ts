import { DAY, releasedAfter, type Instant } from '@kizuna/kernel';
import { eventually, times } from '@kizuna/testing';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';
import { SettleDueJob } from './settle-due.job.js';

const at = tokyo('2027-04-10T10:00:00');
const releaseAt = releasedAfter(at, 14, 'Asia/Tokyo');
const lapsesAt = tokyo('2028-05-01T00:00:00');

describe('what time brings', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    // Two instances, whose jobs look all the time.
    ledger = await TestLedger.start(2);
    await ledger.settings(at);
  });

  afterAll(() => ledger?.stop());

  const kindsOf = async (member: string): Promise<unknown[]> => {
    const { body } = await ledger.get(`/v1/members/${member}/wallets/points/transfers`);
    const { items } = body as { items: { kind: string; amount: number }[] };
    return items.map(({ kind, amount }) => [kind, amount]).reverse();
  };

  it('releases at the start of the day after the window, and lapses at the start of the day after the last one', async () => {
    const award: AwardGiven = { member: 'ann', ref: '1001', amount: 88, at, releaseAt, expiresAt: lapsesAt };
    await ledger.receives(ledger.granted(award));
    await ledger.reaches('ann', [88, 0, 0, 0]);
    expect((await ledger.get('/v1/members/ann/wallets/points')).body).toMatchObject({
      next_release: { at: '2027-04-24T15:00:00.000Z', amount: 88 },
      expiring: [],
      value: { currency: 'JPY', minor: 0 },
    });

    await ledger.advance((releaseAt - 1) as Instant);
    expect(await ledger.figures('ann')).toEqual([88, 0, 0, 0]);
    await ledger.advance(releaseAt);
    expect((await ledger.get('/v1/members/ann/wallets/points')).body).toMatchObject({
      pending: 0,
      available: 88,
      next_release: null,
      expiring: [{ at: '2028-04-30T15:00:00.000Z', amount: 88 }],
      value: { currency: 'JPY', minor: 88 },
    });

    await ledger.advance((lapsesAt - 1) as Instant);
    expect(await ledger.figures('ann')).toEqual([0, 88, 0, 0]);
    await ledger.advance(lapsesAt);
    expect(await ledger.figures('ann')).toEqual([0, 0, 0, 0]);
    expect(await kindsOf('ann')).toEqual([
      ['award', 88],
      ['release', 88],
      ['expiry', 88],
    ]);
    await eventually(async () => {
      const events = (await ledger.topics.events('points-events')).filter(({ subject }) => subject === 'ann');
      expect(events.map(({ type, time }) => [type, time])).toEqual([
        ['kizuna.points.awarded.v1', '2027-04-10T01:00:00.000Z'],
        ['kizuna.points.released.v1', '2027-04-24T15:00:00.000Z'],
        ['kizuna.points.expired.v1', '2028-04-30T15:00:00.000Z'],
      ]);
      expect(events.map(({ data }) => (data as { sequence: number }).sequence)).toEqual([1, 2, 3]);
    });
  });

  it('pays a debt off with the next release', async () => {
    const now = (lapsesAt + DAY) as Instant;
    await ledger.advance(now);
    const first: AwardGiven = { member: 'bob', ref: '1', amount: 88, at: now };
    await ledger.receives(ledger.granted(first));
    await ledger.reaches('bob', [0, 88, 0, 0]);
    const spent = await ledger.redeem({
      redemption_id: 'bob-1',
      member_id: 'bob',
      wallet: 'points',
      units: 80,
    });
    expect(spent.status).toBe(201);
    await ledger.receives(ledger.clawedBack(first, 21, now));
    await ledger.reaches('bob', [0, 0, 0, 13]);

    const next: AwardGiven = {
      member: 'bob',
      ref: '2',
      amount: 54,
      at: now,
      releaseAt: (now + DAY) as Instant,
    };
    await ledger.receives(ledger.granted(next));
    await ledger.reaches('bob', [54, 0, 0, 13]);
    await ledger.advance((now + DAY) as Instant);
    expect(await ledger.figures('bob')).toEqual([0, 41, 0, 0]);
    expect((await kindsOf('bob')).slice(-2)).toEqual([
      ['debt_offset', 13],
      ['release', 41],
    ]);
  });

  it('is posted once, however many instances do it at once and however often', async () => {
    const now = (lapsesAt + 10 * DAY) as Instant;
    await ledger.settings(now);
    const due = { releaseAt: (now + DAY) as Instant, expiresAt: (now + 2 * DAY) as Instant };
    const awards = Array.from({ length: 600 }, (_, index) =>
      ledger.granted({
        member: `m${index % 40}`,
        ref: `many-${index}`,
        amount: 1 + (index % 5),
        at: now,
        ...due,
      }),
    );
    await ledger.receives(...awards);
    const [pending] = await eventually(async () => {
      const rows = await ledger.room.database.query<{ count: string; sum: string }>(
        `SELECT count(*), sum(remaining) FROM lot WHERE member_id ~ '^m[0-9]+$' AND is_pending`,
      );
      expect(rows[0]?.count).toBe('600');
      return rows;
    });
    await ledger.settings((now + 3 * DAY) as Instant);
    const jobs = ledger.rooms.map(({ app }) => app.get(SettleDueJob));
    await times(4, async (index) => jobs[index % jobs.length]?.settleAll());
    await ledger.settled();
    const transfers = await ledger.room.database.query<{ kind: string; count: string; sum: string }>(
      `SELECT kind, count(*), sum(amount) FROM transfer WHERE member_id ~ '^m[0-9]+$' GROUP BY kind ORDER BY kind`,
    );
    expect(transfers).toEqual(
      ['award', 'expiry', 'release'].map((kind) => ({ kind, count: '600', sum: pending?.sum })),
    );
    expect(await jobs[0]?.settleAll()).toBe(0);
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('follows the clock of each program, and says what it has applied', async () => {
    const other = ledger.another();
    const award: AwardGiven = { member: 'cat', ref: '1', amount: 5, at, releaseAt };
    await other.receives(other.granted(award));
    expect((await other.get('/v1/clock')).status).toBe(404);
    await other.settings(at);
    await other.reaches('cat', [5, 0, 0, 0]);
    expect((await other.get('/v1/clock')).body).toEqual({
      room: 'points-ledger',
      settings_revision: 1,
      clock_at: '2027-04-10T01:00:00.000Z',
      now: '2027-04-10T01:00:00.000Z',
      settled: true,
    });
    expect((await other.get('/v1/clock', other.program, ['wallets:read'])).status).toBe(403);
    await other.advance(releaseAt);
    expect(await other.figures('cat')).toEqual([0, 5, 0, 0]);
  });

  it('of a live program is by the system clock', async () => {
    const live = ledger.another();
    const past = (Date.now() - 2 * DAY) as Instant;
    const award: AwardGiven = {
      member: 'dan',
      ref: '1',
      amount: 5,
      at: past,
      releaseAt: (past + DAY) as Instant,
    };
    await live.receives(live.granted(award));
    await live.settings(at, { clock_at: null, mode: 'live' });
    await live.reaches('dan', [0, 5, 0, 0]);
  });
});
