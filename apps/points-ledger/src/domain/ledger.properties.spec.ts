import { DAY, type Instant } from '@kizuna/kernel';
import fc from 'fast-check';
import type { ClawbackPolicy } from './claw-back.js';
import type { Inactivity } from './inactivity.js';
import { LedgerHistory, tokyo, type AwardFacts } from '../testing/ledger-history.js';

const START = tokyo('2027-04-01T00:00:00');
const dayOf = (day: number): Instant => (START + day * DAY) as Instant;

type Command = { readonly afterDays: number } & (
  | {
      readonly kind: 'award';
      readonly amount: number;
      readonly pendingDays: number | undefined;
      readonly lifeDays: number | undefined;
      readonly origin: string;
      readonly lateDays: number;
    }
  | {
      readonly kind: 'clawback';
      readonly award: number;
      readonly share: number;
      readonly policy: ClawbackPolicy;
    }
  | { readonly kind: 'redeem'; readonly units: number | 'all' }
);

const afterDays = fc.nat({ max: 6 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('award' as const),
    afterDays,
    amount: fc.integer({ min: 1, max: 100 }),
    pendingDays: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
    lifeDays: fc.option(fc.nat({ max: 60 }), { nil: undefined }),
    origin: fc.constantFrom('purchase', 'purchase', 'engagement', 'goodwill'),
    lateDays: fc.constantFrom(0, 0, 5, 40),
  }),
  fc.record({
    kind: fc.constant('clawback' as const),
    afterDays,
    award: fc.nat({ max: 8 }),
    share: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(100)),
    policy: fc.constantFrom<ClawbackPolicy>('negative', 'negative', 'within_balance', 'pending_only'),
  }),
  fc.record({
    kind: fc.constant('redeem' as const),
    afterDays,
    units: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.constant('all' as const)),
  }),
);
/** Of a wallet whose units lapse so many days after the last activity. */
const inactivity = fc.option(
  fc.integer({ min: 1, max: 30 }).map((count): Inactivity => ({
    policy: { kind: 'inactivity', count, unit: 'day', round_to: 'none' },
    timeZone: 'Asia/Tokyo',
    minLifeDays: 0,
  })),
  { nil: undefined },
);
const commands = fc.array(command, { minLength: 4, maxLength: 30, size: 'max' });

interface Options {
  /** Settles on these days too, and a few steps at a time. */
  readonly settleOn?: ReadonlySet<number>;
  readonly repeat?: boolean;
  readonly inactivity?: Inactivity | undefined;
}

/** Plays commands on the days that they name; awards of them are known by their number. */
function play(
  list: readonly Command[],
  { settleOn = new Set(), repeat = false, inactivity }: Options = {},
): LedgerHistory {
  const history = new LedgerHistory();
  history.inactivity = inactivity;
  const awards: AwardFacts[] = [];
  let day = 0;
  for (const [index, one] of list.entries()) {
    for (const until = day + one.afterDays; day < until; day += 1)
      if (settleOn.has(day)) history.settle(dayOf(day), 1 + (day % 3));
    const now = dayOf(day);
    for (let turn = 0; turn < (repeat ? 2 : 1); turn += 1) {
      if (one.kind === 'award') {
        const at = dayOf(Math.max(0, day - one.lateDays));
        const releaseAt =
          one.pendingDays === undefined ? undefined : ((at + one.pendingDays * DAY) as Instant);
        const expiresAt = one.lifeDays === undefined ? undefined : ((at + one.lifeDays * DAY) as Instant);
        const facts = {
          ref: `order-${index}`,
          amount: one.amount,
          at,
          releaseAt,
          expiresAt,
          origin: one.origin,
        };
        if (turn === 0) awards.push(facts);
        history.award(facts, now);
      } else if (one.kind === 'clawback') {
        const facts = awards[one.award % Math.max(1, awards.length)];
        if (facts)
          history.clawBack(facts, Math.ceil((facts.amount * one.share) / 100), now, { policy: one.policy });
      } else if (turn === 0) {
        if (one.units === 'all') history.settle(now);
        const units = one.units === 'all' ? Math.max(1, history.wallet.available) : one.units;
        history.redeem(`redemption-${index}`, units, now);
      }
    }
  }
  history.settle(dayOf(day + 100));
  return history;
}

const ACCOUNTS = ['pending', 'available', 'held', 'debt'] as const;
const SYSTEM = ['issued', 'clawed_back', 'redeemed', 'expired', 'uncollected'];

describe('laws of the ledger, over generated histories', () => {
  it('I2: transfers sum to zero, and the figures are their sum', () => {
    fc.assert(
      fc.property(commands, inactivity, (list, lapsing) => {
        const history = play(list, { inactivity: lapsing });
        const [pending = 0, available = 0, held = 0, debt = 0] = history.figures();
        expect([pending, available, held, 0 - debt]).toEqual(
          ACCOUNTS.map((account) => history.account(account) + 0),
        );
        const system = SYSTEM.reduce((sum, account) => sum + history.account(account), 0);
        expect(pending + available + held - debt + system).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('I3: no figure of a wallet or lot is ever negative', () => {
    fc.assert(
      fc.property(commands, inactivity, (list, lapsing) => {
        const history = play(list, { inactivity: lapsing });
        for (const { after } of history.transfers)
          expect(Math.min(...ACCOUNTS.map((account) => after[account]))).toBeGreaterThanOrEqual(0);
        for (const { remaining, redeemed, expired, debtOffset } of history.lots.values())
          expect(Math.min(remaining, redeemed, expired, debtOffset)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 400 },
    );
  });

  it('I4: the lots cover the figures, and each lot is what its transfers left of it', () => {
    fc.assert(
      fc.property(commands, inactivity, (list, lapsing) => {
        const history = play(list, { inactivity: lapsing });
        const lots = [...history.lots.values()];
        const left = (isPending: boolean): number =>
          lots
            .filter((lot) => lot.isPending === isPending)
            .reduce((sum, { remaining }) => sum + remaining, 0);
        expect([left(true), left(false)]).toEqual(history.figures().slice(0, 2));
        for (const lot of lots) {
          const own = history.transfers.filter(({ lotId }) => lotId === lot.lotId);
          const sum = (kind: string): number =>
            own
              .filter((one) => one.kind === kind && one.debit !== 'debt' && one.debit !== 'uncollected')
              .reduce((total, { amount }) => total + amount, 0);
          const split = history.splits.flat().filter(({ lotId }) => lotId === lot.lotId);
          expect(lot).toMatchObject({
            amount: sum('award'),
            expired: sum('expiry'),
            debtOffset: sum('debt_offset'),
            redeemed: split.reduce((total, { units }) => total + units, 0),
          });
          expect(lot.remaining + lot.redeemed + lot.expired + lot.debtOffset + sum('clawback')).toBe(
            lot.amount,
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it('I11: what comes twice changes nothing', () => {
    fc.assert(
      fc.property(commands, inactivity, (list, lapsing) => {
        const once = play(list, { inactivity: lapsing });
        const twice = play(list, { inactivity: lapsing, repeat: true });
        expect(twice.transfers).toEqual(once.transfers);
        expect([...twice.lots.values()]).toEqual([...once.lots.values()]);
      }),
      { numRuns: 400 },
    );
  });

  it('it makes no difference when, how often and in how many steps what is due is settled', () => {
    fc.assert(
      fc.property(
        commands,
        fc.uniqueArray(fc.nat({ max: 150 }), { maxLength: 150, size: 'max' }),
        inactivity,
        (list, days, lapsing) => {
          const never = play(list, { inactivity: lapsing });
          const often = play(list, { inactivity: lapsing, settleOn: new Set(days) });
          expect(often.figures()).toEqual(never.figures());
          expect(often.wallet.seq).toBe(never.wallet.seq);
          const lotsOf = ({ lots }: LedgerHistory) =>
            [...lots.values()].sort((a, b) => (a.lotId < b.lotId ? -1 : 1));
          expect(lotsOf(often)).toEqual(lotsOf(never));
          const factsOf = ({ transfers }: LedgerHistory) =>
            transfers
              .map(({ transferId, kind, debit, credit, amount }) =>
                [transferId, kind, debit, credit, amount].join(' '),
              )
              .sort();
          expect(factsOf(often)).toEqual(factsOf(never));
          expect(often.refusals).toEqual(never.refusals);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('transfer ids are never used twice', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const ids = play(list).transfers.map(({ transferId }) => transferId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
