import { DAY, type Instant } from '@kizuna/kernel';
import { eventually, times } from '@kizuna/testing';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';

const START = tokyo('2027-04-10T10:00:00');
const DAYS = 12;
const POLICIES = ['negative', 'negative', 'within_balance', 'pending_only'] as const;

/** The same numbers in every run. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a history of everything that can happen to five members', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    ledger = await TestLedger.start(2);
  });

  afterAll(() => ledger?.stop());

  it('leaves wallets, lots, transfers and redemptions in agreement, and parks nothing', async () => {
    const chance = chanceOf(7);
    const awards: AwardGiven[] = [];
    const totals = new Map<string, number>();
    const later = (now: Instant, days: number): Instant | undefined =>
      chance(2) === 0 ? undefined : ((now + chance(days) * DAY) as Instant);

    for (let day = 0; day < DAYS; day += 1) {
      const now = (START + day * DAY) as Instant;
      await ledger.settings(now);
      const given = Array.from({ length: 12 }, (_, index): AwardGiven => {
        const [releaseAt, expiresAt] = [later(now, 6), later(now, 12)];
        const origin = chance(5) === 0 ? 'engagement' : 'purchase';
        const member = `m${chance(5)}`;
        return {
          member,
          ref: `o${day}-${index}`,
          amount: 1 + chance(60),
          at: now,
          releaseAt,
          expiresAt,
          origin,
        };
      });
      awards.push(...given);
      await ledger.receives(...given.map((award) => ledger.granted(award)));
      const spending = times(8, (index) =>
        ledger.redeem(
          {
            redemption_id: `r${day}-${index}`,
            member_id: `m${chance(5)}`,
            wallet: 'points',
            units: 1 + chance(100),
          },
          { instance: index },
        ),
      );
      const back = Array.from({ length: 5 }, (_, index) => {
        const award = awards[chance(awards.length)] ?? given[0];
        if (!award) throw new Error('there are awards by now');
        const total = 1 + chance(award.amount);
        totals.set(award.ref, Math.max(total, totals.get(award.ref) ?? 0));
        const policy = POLICIES[chance(POLICIES.length)] ?? 'negative';
        return ledger.clawedBack(award, total, now, { refund: `f${day}-${index}`, policy });
      });
      // Each twice: totals come again, and older ones come late.
      await ledger.receives(...back, ...back);
      expect((await spending).filter(({ status }) => status !== 201 && status !== 422)).toEqual([]);
    }
    await eventually(async () => {
      const lots = await ledger.room.database.query<{ business_ref: string; clawed_back: string }>(
        'SELECT business_ref, clawed_back FROM lot',
      );
      expect(lots).toHaveLength(awards.length);
      for (const { business_ref, clawed_back } of lots)
        expect([business_ref, Number(clawed_back)]).toEqual([business_ref, totals.get(business_ref) ?? 0]);
    });
    await ledger.settled();
    expect(await ledger.disagreements()).toEqual([]);
    expect(await ledger.room.database.query('SELECT reason FROM parked_event')).toEqual([]);
    const kinds = await ledger.room.database.query<{ kind: string }>(
      'SELECT DISTINCT kind FROM transfer ORDER BY 1',
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['award', 'clawback', 'expiry', 'redemption', 'release']),
    );
  });
});
