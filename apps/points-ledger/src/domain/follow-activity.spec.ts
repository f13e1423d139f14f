import { DAY, expiresAt, releasedAfter, type ExpiryPolicy, type Instant } from '@kizuna/kernel';
import fc from 'fast-check';
import { awardIdOf, LedgerHistory, tokyo, type AwardFacts } from '../testing/ledger-history.js';
import { followActivity } from './follow-activity.js';
import type { Inactivity } from './inactivity.js';
import type { Lot } from './wallet.js';

const policyOf = (count: number, unit: 'day' | 'month', round_to: 'none' | 'month' = 'none'): Inactivity => ({
  policy: { kind: 'inactivity', count, unit, round_to },
  timeZone: 'Asia/Tokyo',
  minLifeDays: 90,
});
const SIX_MONTHS = policyOf(6, 'month', 'month');

/** An award as campaigns tells it: its date counts from its release. */
function told(
  facts: Omit<AwardFacts, 'expiresAt'>,
  { policy, ...terms }: Inactivity = SIX_MONTHS,
): AwardFacts {
  return { ...facts, expiresAt: expiresAt(policy, facts.releaseAt ?? facts.at, terms) };
}

function aHistory(inactivity = SIX_MONTHS): LedgerHistory {
  const history = new LedgerHistory();
  history.inactivity = inactivity;
  return history;
}

const dateOf = (history: LedgerHistory, facts: AwardFacts): Instant | undefined =>
  history.lots.get(awardIdOf(facts))?.expiresAt;

const january = tokyo('2027-01-10T10:00:00');
const april = tokyo('2027-04-10T10:00:00');
const JANUARY = told({ ref: 'january', amount: 50, at: january });
const APRIL = told({ ref: 'april', amount: 20, at: april });
const AFTER_JANUARY = tokyo('2027-08-01T00:00:00');
const AFTER_APRIL = tokyo('2027-11-01T00:00:00');

describe('units that lapse by inactivity', () => {
  it.each<[what: string, act: (history: LedgerHistory) => void, lapses: Instant | undefined]>([
    ['nothing happens', () => undefined, AFTER_JANUARY],
    ['a purchase gives units', (history) => history.award(APRIL, april), AFTER_APRIL],
    [
      'an engagement gives units',
      (history) => history.award({ ...APRIL, origin: 'engagement' }, april),
      AFTER_APRIL,
    ],
    ['units are redeemed', (history) => history.redeem('gift', 1, april), AFTER_APRIL],
    ['a redemption is refused', (history) => history.redeem('gift', 51, april), AFTER_JANUARY],
    ['a present comes', (history) => history.award({ ...APRIL, origin: 'goodwill' }, april), AFTER_JANUARY],
    ['units are taken back', (history) => history.clawBack(JANUARY, 10, april), AFTER_JANUARY],
    ['what is due is settled', (history) => history.settle(april), AFTER_JANUARY],
    ['the same award comes again', (history) => history.award(JANUARY, april), AFTER_JANUARY],
  ])('when %s', (_, act, lapses) => {
    const history = aHistory();
    history.award(JANUARY, january);
    act(history);
    expect(dateOf(history, JANUARY)).toBe(lapses);
  });

  it('follows an older activity that is heard of later, too', () => {
    const history = aHistory();
    history.award(APRIL, april);
    history.award(JANUARY, april);
    expect([dateOf(history, JANUARY), dateOf(history, APRIL)]).toEqual([AFTER_APRIL, AFTER_APRIL]);
    expect(history.wallet.lastActivityAt).toBe(april);
  });

  it('moves lots of which a redemption takes nothing, too', () => {
    const history = aHistory();
    const march = told({ ref: 'march', amount: 5, at: tokyo('2027-03-10T10:00:00') });
    for (const award of [JANUARY, march]) history.award(award, january);
    history.redeem('gift', 1, april);
    expect([dateOf(history, JANUARY), dateOf(history, march)]).toEqual([AFTER_APRIL, AFTER_APRIL]);
  });

  it('lapses exactly at the date, and nothing that comes then revives it', () => {
    const history = aHistory();
    history.award(JANUARY, january);
    history.award(APRIL, april);
    history.settle((AFTER_APRIL - 1) as Instant);
    expect(history.figures()).toEqual([0, 70, 0, 0]);
    const NOVEMBER = told({ ref: 'november', amount: 5, at: AFTER_APRIL });
    history.award(NOVEMBER, AFTER_APRIL);
    expect(history.figures()).toEqual([0, 5, 0, 0]);
    expect(history.account('expired')).toBe(70);
    history.settle(AFTER_APRIL);
    expect(history.figures()).toEqual([0, 5, 0, 0]);
  });

  it('does not lapse before its release has been followed by the same span', () => {
    const releaseAt = releasedAfter(january, 200, 'Asia/Tokyo');
    const waiting = told({ ref: 'waiting', amount: 5, at: january, releaseAt });
    const history = aHistory();
    history.award(waiting, january);
    history.award(APRIL, april);
    expect(dateOf(history, waiting)).toBe(tokyo('2028-02-01T00:00:00'));
    expect(dateOf(history, waiting)).toBe(waiting.expiresAt);
    history.settle(releaseAt);
    expect(dateOf(history, waiting)).toBe(waiting.expiresAt);
  });

  it('never moves a date earlier, and leaves alone what never lapses', () => {
    const history = aHistory();
    const far = { ref: 'far', amount: 5, at: january, expiresAt: tokyo('2030-01-01T00:00:00') };
    const never = { ref: 'never', amount: 5, at: january };
    for (const award of [far, never, APRIL]) history.award(award, april);
    expect([dateOf(history, far), dateOf(history, never)]).toEqual([far.expiresAt, undefined]);
    history.inactivity = policyOf(1, 'day');
    history.redeem('gift', 1, (april + DAY) as Instant);
    expect(dateOf(history, APRIL)).toBe(AFTER_APRIL);
  });

  it('follows what happened before the policy was known, before it lapses', () => {
    const history = new LedgerHistory();
    history.award(JANUARY, january);
    history.award(APRIL, april);
    expect(dateOf(history, JANUARY)).toBe(AFTER_JANUARY);
    history.inactivity = SIX_MONTHS;
    history.settle(AFTER_JANUARY);
    expect(history.figures()).toEqual([0, 70, 0, 0]);
    expect(dateOf(history, JANUARY)).toBe(AFTER_APRIL);
  });

  it('is nothing to a wallet with another policy', () => {
    const history = new LedgerHistory();
    history.award(JANUARY, january);
    history.award(APRIL, april);
    history.redeem('gift', 1, april);
    history.settle(AFTER_JANUARY);
    expect(history.figures()).toEqual([0, 20, 0, 0]);
  });

  it('spends first what lapses first by the moved dates', () => {
    const soon = tokyo('2027-08-15T00:00:00');
    const history = aHistory();
    const kept = { ref: 'kept', amount: 5, at: (january + DAY) as Instant, expiresAt: soon };
    history.award(kept, january);
    history.award(JANUARY, january);
    // Both lapse on the same day now, and the older one is spent first, which would have lapsed last.
    history.award(APRIL, april);
    history.redeem('gift', 5, april);
    expect([history.remaining(kept), history.remaining(JANUARY)]).toEqual([5, 45]);
  });
});

const START = tokyo('2027-01-01T00:00:00');
const policy: fc.Arbitrary<ExpiryPolicy> = fc.record({
  kind: fc.constant('inactivity' as const),
  count: fc.integer({ min: 1, max: 400 }),
  unit: fc.constantFrom('day' as const, 'month' as const),
  round_to: fc.constantFrom('none' as const, 'month' as const, 'quarter' as const),
});
const inactivity: fc.Arbitrary<Inactivity> = fc
  .tuple(policy, fc.constantFrom('Asia/Tokyo', 'America/Santiago'))
  .map(([one, timeZone]) => ({ ...SIX_MONTHS, policy: one, timeZone }));
const moment = fc.nat({ max: 300 * DAY }).map((ms) => (START + ms) as Instant);
const activity = fc.record({
  at: moment,
  pendingDays: fc.option(fc.nat({ max: 60 }), { nil: undefined }),
  origin: fc.constantFrom('purchase', 'engagement', 'goodwill'),
});

/** The awards of these activities, in this order, heard of on one day on which none of them has lapsed. */
function heardOf(
  awards: readonly AwardFacts[],
  terms: Inactivity,
  each: (history: LedgerHistory) => void = () => undefined,
): LedgerHistory {
  const history = aHistory(terms);
  for (const award of awards) {
    history.award(award, START);
    each(history);
  }
  return history;
}

const awardsOf = (
  activities: readonly (typeof activity extends fc.Arbitrary<infer One> ? One : never)[],
  terms: Inactivity,
) =>
  activities.map(({ at, pendingDays, origin }, index) => {
    const releaseAt = pendingDays === undefined ? undefined : releasedAfter(at, pendingDays, terms.timeZone);
    return told({ ref: `order-${index}`, amount: 1 + index, at, releaseAt, origin }, terms);
  });

const dates = (lots: Iterable<Lot>): Map<string, number> =>
  new Map([...lots].map(({ lotId, expiresAt: date }) => [lotId, date ?? Infinity]));

describe('laws of following activity, over generated histories', () => {
  const activities = fc.array(activity, { minLength: 1, maxLength: 12 });

  it('no date ever moves earlier, whatever the policy becomes', () => {
    fc.assert(
      fc.property(activities, inactivity, inactivity, (list, first, then) => {
        let before = new Map<string, number>();
        heardOf(awardsOf(list, first), first, (history) => {
          history.inactivity = history.lots.size % 2 === 0 ? first : then;
          const after = dates(history.lots.values());
          for (const [lotId, date] of before) expect(after.get(lotId)).toBeGreaterThanOrEqual(date);
          before = after;
        });
      }),
      { numRuns: 400 },
    );
  });

  it('the order in which awards come, and how often, makes no difference', () => {
    const shuffled = activities.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list.keys(), ...list.keys()], { minLength: list.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, inactivity, ([list, order], terms) => {
        const awards = awardsOf(list, terms);
        const other = heardOf(
          order.flatMap((index) => awards[index] ?? []),
          terms,
        );
        const one = heardOf(awards, terms);
        expect(dates(other.lots.values())).toEqual(
          new Map([...other.lots.keys()].map((id) => [id, one.lots.get(id)?.expiresAt ?? Infinity])),
        );
        expect(other.lots.size).toBe(one.lots.size);
        expect(other.wallet.lastActivityAt).toBe(one.wallet.lastActivityAt);
      }),
      { numRuns: 400 },
    );
  });

  it('every open lot lapses by the last activity or its own release, and following twice moves nothing', () => {
    fc.assert(
      fc.property(activities, inactivity, (list, terms) => {
        const history = heardOf(awardsOf(list, terms), terms);
        const last = history.wallet.lastActivityAt;
        for (const { expiresAt: date, releaseAt, occurredAt } of history.lots.values()) {
          const since = Math.max(last ?? occurredAt, releaseAt ?? occurredAt, occurredAt) as Instant;
          // A present that is younger than the last activity has its own date.
          expect(date).toBe(expiresAt(terms.policy, since, terms));
        }
        expect(followActivity(history.wallet, history.lots.values(), terms)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
