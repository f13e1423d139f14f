import type { ProgramSettings } from '@kizuna/contracts';
import { DAY, expiresAt, formatInstant, releasedAfter, type Instant } from '@kizuna/kernel';
import { eventually } from '@kizuna/testing';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';

const POLICY = { kind: 'inactivity', count: 6, unit: 'month', round_to: 'month' } as const;
const unit_value = { currency: 'JPY', minor: 1, units: 1 } as const;
const INACTIVITY: Partial<ProgramSettings> = {
  wallets: [
    { wallet: 'points', unit_value, expiry: POLICY },
    { wallet: 'miles', unit_value },
  ],
};

const january = tokyo('2027-01-10T10:00:00');
const april = tokyo('2027-04-10T10:00:00');
const AFTER_JANUARY = tokyo('2027-08-01T00:00:00');
const AFTER_APRIL = tokyo('2027-11-01T00:00:00');

/** As campaigns tells it: the date counts from the release. */
function award(member: string, at: Instant, amount: number, given: Partial<AwardGiven> = {}): AwardGiven {
  const lapses = expiresAt(POLICY, given.releaseAt ?? at, { timeZone: 'Asia/Tokyo', minLifeDays: 90 });
  return {
    member,
    ref: `${given.wallet ?? 'points'}-${at}-${amount}`,
    amount,
    at,
    expiresAt: lapses,
    ...given,
  };
}

describe('a wallet whose units lapse by inactivity', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    // Two instances, whose jobs look all the time.
    ledger = await TestLedger.start(2);
  });

  afterAll(() => ledger?.stop());

  const balance = async (of: TestLedger, member: string, wallet = 'points') =>
    (await of.get(`/v1/members/${member}/wallets/${wallet}`)).body as Record<string, unknown>;

  const expiring = (at: Instant, amount: number) => [{ at: formatInstant(at), amount }];

  it('keeps its units as long as awards come, and loses them all exactly at the date', async () => {
    const of = ledger.another();
    await of.settings(january, INACTIVITY);
    await of.receives(of.granted(award('ann', january, 50)));
    await of.reaches('ann', [0, 50, 0, 0]);
    expect(await balance(of, 'ann')).toMatchObject({ expiring: expiring(AFTER_JANUARY, 50) });

    await of.advance(april, INACTIVITY);
    await of.receives(of.granted(award('ann', april, 20)));
    await of.reaches('ann', [0, 70, 0, 0]);
    expect(await balance(of, 'ann')).toMatchObject({ expiring: expiring(AFTER_APRIL, 70) });
    // The same award again, and an older one that comes late, move nothing.
    await of.receives(of.granted(award('ann', april, 20)), of.granted(award('ann', january, 1)));
    await of.reaches('ann', [0, 71, 0, 0]);
    expect(await balance(of, 'ann')).toMatchObject({ expiring: expiring(AFTER_APRIL, 71) });

    await of.advance((AFTER_APRIL - 1) as Instant, INACTIVITY);
    expect(await of.figures('ann')).toEqual([0, 71, 0, 0]);
    await of.advance(AFTER_APRIL, INACTIVITY);
    expect(await of.figures('ann')).toEqual([0, 0, 0, 0]);
    // What the member does then revives nothing.
    await of.receives(of.granted(award('ann', AFTER_APRIL, 5)));
    await of.reaches('ann', [0, 5, 0, 0]);
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('counts a redemption, and not a refused one, a clawback or a release', async () => {
    const of = ledger.another();
    await of.settings(january, INACTIVITY);
    const releaseAt = releasedAfter(january, 30, 'Asia/Tokyo');
    const first = award('bob', january, 50);
    const waiting = award('bob', january, 7, { releaseAt });
    await of.receives(of.granted(first), of.granted(waiting));
    await of.reaches('bob', [7, 50, 0, 0]);

    await of.advance(april, INACTIVITY);
    const redeem = (redemption_id: string, units: number) =>
      of.redeem({ redemption_id, member_id: 'bob', wallet: 'points', units });
    expect((await redeem('too-many', 100)).status).toBe(422);
    await of.receives(of.clawedBack(first, 10, april));
    await of.reaches('bob', [0, 47, 0, 0]);
    const afterRelease = tokyo('2027-09-01T00:00:00');
    expect(await balance(of, 'bob')).toMatchObject({
      expiring: [...expiring(AFTER_JANUARY, 40), ...expiring(afterRelease, 7)],
    });

    expect((await redeem('some', 7)).status).toBe(201);
    expect(await balance(of, 'bob')).toMatchObject({ expiring: expiring(AFTER_APRIL, 40) });
    const lots = (await of.get('/v1/members/bob/wallets/points/lots')).body as { items: object[] };
    expect(lots.items).toHaveLength(2);
    // Due at the old date, which the member has outlived; then another redemption comes too late.
    await of.advance(afterRelease, INACTIVITY);
    expect(await of.figures('bob')).toEqual([0, 40, 0, 0]);
    await of.settings(AFTER_APRIL, INACTIVITY);
    expect((await redeem('late', 1)).body).toMatchObject({ code: 'insufficient_points', available: 0 });
    expect(await of.figures('bob')).toEqual([0, 0, 0, 0]);
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('does not revive what is due and not posted yet, whoever comes first', async () => {
    const of = ledger.another();
    await of.settings(january, INACTIVITY);
    await of.receives(of.granted(award('cat', january, 50)));
    await of.reaches('cat', [0, 50, 0, 0]);
    await of.settings(AFTER_JANUARY, INACTIVITY);
    await of.receives(of.granted(award('cat', AFTER_JANUARY, 5)));
    await of.reaches('cat', [0, 5, 0, 0]);
  });

  it('moves dates of many members in one chunk, and of no other wallet', async () => {
    const of = ledger.another();
    await of.settings(january, INACTIVITY);
    const members = Array.from({ length: 40 }, (_, index) => `m${index}`);
    await of.receives(
      ...members.flatMap((member) => [
        of.granted(award(member, january, 10)),
        of.granted(award(member, january, 3, { wallet: 'miles' })),
      ]),
    );
    await of.receives(
      ...members.flatMap((member) => [
        of.granted(award(member, april, 1)),
        of.granted(award(member, april, 1, { wallet: 'miles' })),
        of.granted(award(member, (april + DAY) as Instant, 2)),
      ]),
    );
    await eventually(async () => {
      const rows = await ledger.room.database.query(
        `SELECT wallet, expires_at, count(*)::int AS lots, sum(remaining)::int AS units FROM lot
         WHERE program_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
        [of.program],
      );
      expect(rows).toEqual([
        { wallet: 'miles', expires_at: new Date(AFTER_JANUARY), lots: 40, units: 120 },
        { wallet: 'miles', expires_at: new Date(AFTER_APRIL), lots: 40, units: 40 },
        { wallet: 'points', expires_at: new Date(AFTER_APRIL), lots: 120, units: 520 },
      ]);
    });
    expect(await ledger.disagreements()).toEqual([]);
  });

  it('follows what happened under another policy before any of it lapses, though the job finds it due', async () => {
    const of = ledger.another();
    await of.settings(january);
    await of.receives(of.granted(award('dan', january, 50)), of.granted(award('dan', april, 20)));
    await of.reaches('dan', [0, 70, 0, 0]);
    expect(await balance(of, 'dan')).toMatchObject({
      expiring: [...expiring(AFTER_JANUARY, 50), ...expiring(AFTER_APRIL, 20)],
    });
    await of.advance(AFTER_JANUARY, INACTIVITY);
    expect(await balance(of, 'dan')).toMatchObject({ available: 70, expiring: expiring(AFTER_APRIL, 70) });
    await of.advance(AFTER_APRIL, INACTIVITY);
    expect(await of.figures('dan')).toEqual([0, 0, 0, 0]);
  });

  it('is settled with a race of awards and redemptions without a difference', async () => {
    const of = ledger.another();
    await of.settings(april, INACTIVITY);
    await of.receives(of.granted(award('eve', january, 100)));
    await of.reaches('eve', [0, 100, 0, 0]);
    const awards = Array.from({ length: 20 }, (_, index) =>
      of.granted(award('eve', (april - index * DAY) as Instant, 1 + index)),
    );
    const redeemed = Array.from({ length: 10 }, (_, index) =>
      of.redeem(
        { redemption_id: `eve-${index}`, member_id: 'eve', wallet: 'points', units: 2 },
        { instance: index, programId: of.program },
      ),
    );
    await of.receives(...awards);
    expect((await Promise.all(redeemed)).map(({ status }) => status)).toEqual(Array(10).fill(201));
    await of.reaches('eve', [0, 290, 0, 0]);
    expect(await balance(of, 'eve')).toMatchObject({ expiring: expiring(AFTER_APRIL, 290) });
    expect(await ledger.disagreements()).toEqual([]);
  });
});
