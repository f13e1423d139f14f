import { addToDay, DAY, expiresAt, instant, localDay, releasedAfter, type Instant } from '@kizuna/kernel';
import { ANY_TERMS, LedgerHistory, tokyo } from '../testing/ledger-history.js';

const at = tokyo('2027-04-10T10:00:00');
const releaseAt = releasedAfter(at, 14, 'Asia/Tokyo');
const refundedAt = tokyo('2027-04-30T10:00:00');

/** The awards of E10. */
const BASE = { ref: 'BASE', amount: 54, at, releaseAt };
const TEA = { ref: 'TEA', amount: 20, at, releaseAt };
const BRANCH = { ref: 'BRANCH', amount: 14, at, releaseAt };

function bought(): LedgerHistory {
  const history = new LedgerHistory();
  for (const award of [BASE, TEA, BRANCH]) history.award(award);
  return history;
}

/** R1: 1,750 of the cups takes 17 of BASE and 4 of BRANCH. */
function refund(
  history: LedgerHistory,
  when: Instant,
  options: Parameters<LedgerHistory['clawBack']>[3] = {},
): void {
  history.clawBack(BASE, 17, when, options);
  history.clawBack(BRANCH, 4, when, options);
}

function spent(): LedgerHistory {
  const history = bought();
  history.redeem('gift', 80, tokyo('2027-04-28T10:00:00'));
  return history;
}

describe('balances, as worked out (pending, available, held, debt)', () => {
  it('B1: an order waits, and is released at the start of the day after its window', () => {
    const history = bought();
    expect(releaseAt).toBe(tokyo('2027-04-25T00:00:00'));
    history.settle((releaseAt - 1) as Instant);
    expect(history.figures()).toEqual([88, 0, 0, 0]);
    history.settle(releaseAt);
    expect(history.figures()).toEqual([0, 88, 0, 0]);
    expect(
      history.transfers.slice(3).map(({ kind, debit, credit, amount }) => [kind, debit, credit, amount]),
    ).toEqual(expect.arrayContaining([['release', 'pending', 'available', 54]]));
  });

  it('B2: a refund before the release takes the pending units', () => {
    const history = bought();
    refund(history, tokyo('2027-04-12T10:00:00'));
    expect(history.figures()).toEqual([67, 0, 0, 0]);
  });

  it('B3: a refund after they were spent takes what is left and becomes a debt', () => {
    const history = spent();
    expect(history.figures()).toEqual([0, 8, 0, 0]);
    refund(history, refundedAt);
    expect(history.figures()).toEqual([0, 0, 0, 13]);
    expect(history.account('clawed_back')).toBe(21);
  });

  it('B4: the next release pays the debt off first', () => {
    const history = spent();
    refund(history, refundedAt);
    history.award({ ref: 'NEXT', amount: 54, at: refundedAt, releaseAt: (refundedAt + DAY) as Instant });
    expect(history.figures()).toEqual([54, 0, 0, 13]);
    history.settle((refundedAt + DAY) as Instant);
    expect(history.figures()).toEqual([0, 41, 0, 0]);
    expect(
      history.transfers.slice(-2).map(({ kind, debit, credit, amount }) => [kind, debit, credit, amount]),
    ).toEqual([
      ['debt_offset', 'pending', 'debt', 13],
      ['release', 'pending', 'available', 41],
    ]);
  });

  it('B4, of units that are available at once: they pay the debt off as they come', () => {
    const history = spent();
    refund(history, refundedAt);
    history.award({ ref: 'NEXT', amount: 54, at: refundedAt });
    expect(history.figures()).toEqual([0, 41, 0, 0]);
    history.award({ ref: 'NEXT', amount: 54, at: refundedAt });
    expect(history.figures()).toEqual([0, 41, 0, 0]);
  });

  it('B5: within the balance, what is missing is not owed', () => {
    const history = spent();
    refund(history, refundedAt, { policy: 'within_balance' });
    expect(history.figures()).toEqual([0, 0, 0, 0]);
    expect(history.account('uncollected')).toBe(-13);
  });

  it('B6: what lapses first is spent first, and the split is kept', () => {
    const history = new LedgerHistory();
    const a = { ref: 'A', amount: 50, at, expiresAt: tokyo('2028-05-01T00:00:00') };
    const b = { ref: 'B', amount: 50, at: (at - DAY) as Instant, expiresAt: tokyo('2028-06-01T00:00:00') };
    history.award(b);
    history.award(a);
    history.redeem('gift', 70, tokyo('2027-04-11T10:00:00'));
    expect([history.remaining(a), history.remaining(b)]).toEqual([0, 30]);
    expect(history.splits[0]?.map(({ units }) => units)).toEqual([50, 20]);
  });
});

describe('taking back', () => {
  it('takes the own lot first, then others in burn order, then owes', () => {
    const history = new LedgerHistory();
    const own = { ref: 'own', amount: 30, at };
    const late = { ref: 'late', amount: 10, at, expiresAt: tokyo('2028-06-01T00:00:00') };
    const soon = { ref: 'soon', amount: 10, at, expiresAt: tokyo('2028-05-01T00:00:00') };
    for (const award of [own, late, soon]) history.award(award);
    history.redeem('gift', 40, at);
    // Burnt: soon 10, late 10, own 20.
    history.award({ ...late, ref: 'late2' });
    history.award({ ...soon, ref: 'soon2' });
    history.clawBack(own, 25, refundedAt);
    expect([
      history.remaining(own),
      history.remaining({ ref: 'soon2', at }),
      history.remaining({ ref: 'late2', at }),
    ]).toEqual([0, 0, 5]);
    history.clawBack(own, 30, refundedAt);
    expect(history.figures()).toEqual([0, 0, 0, 0]);
  });

  it('takes pending units of its own award only, under `pending_only`', () => {
    const history = new LedgerHistory();
    const pending = { ref: 'pending', amount: 30, at, releaseAt };
    const usable = { ref: 'usable', amount: 20, at };
    history.award(pending);
    history.award(usable);
    history.clawBack(pending, 10, at, { policy: 'pending_only' });
    history.clawBack(usable, 5, at, { policy: 'pending_only' });
    expect(history.figures()).toEqual([20, 20, 0, 0]);
    expect(history.account('uncollected')).toBe(-5);
  });

  it.each(['engagement', 'referral', 'milestone', 'goodwill'])('never makes a debt of %s units', (origin) => {
    const history = new LedgerHistory();
    const gift = { ref: 'review', amount: 30, at, origin };
    history.award(gift);
    history.redeem('gift', 30, at);
    history.clawBack(gift, 30, refundedAt, { policy: 'negative' });
    expect(history.figures()).toEqual([0, 0, 0, 0]);
    expect(history.account('uncollected')).toBe(-30);
  });

  it('does not take a second time what has lapsed', () => {
    const history = new LedgerHistory();
    const award = { ref: 'old', amount: 54, at, expiresAt: tokyo('2027-06-01T00:00:00') };
    history.award(award);
    history.redeem('gift', 30, at);
    // 24 lapse with this day, which the refund comes after.
    history.clawBack(award, 54, tokyo('2027-06-02T00:00:00'));
    expect(history.figures()).toEqual([0, 0, 0, 30]);
    expect([history.account('expired'), history.account('clawed_back')]).toEqual([24, 30]);
  });

  it('has no effect twice, nor for an older total that comes late', () => {
    const history = spent();
    for (const total of [10, 17, 10, 17]) history.clawBack(BASE, total, refundedAt);
    expect(history.figures()).toEqual([0, 0, 0, 9]);
  });

  it('leaves goodwill whole when it meets a debt', () => {
    const history = spent();
    refund(history, refundedAt);
    history.award({ ref: 'sorry', amount: 5, at: refundedAt, origin: 'goodwill' });
    expect(history.figures()).toEqual([0, 5, 0, 13]);
  });
});

describe('what is due', () => {
  it('is released by the next settling when it comes late', () => {
    const history = new LedgerHistory();
    history.award({ ...BASE, releaseAt: (at + DAY) as Instant }, tokyo('2027-08-01T00:00:00'));
    expect(history.figures()).toEqual([54, 0, 0, 0]);
    history.settle(tokyo('2027-08-01T00:00:00'));
    expect(history.figures()).toEqual([0, 54, 0, 0]);
    expect(history.transfers.at(-1)?.effectiveAt).toBe(at + DAY);
  });

  it('T2: lapses at the start of the day after its last one', () => {
    const released = instant('2027-04-16T15:00:00Z');
    const lapses = expiresAt({ kind: 'rolling', count: 12, unit: 'month', round_to: 'month' }, released, {
      timeZone: 'Asia/Tokyo',
      minLifeDays: 90,
    });
    expect(lapses).toBe(tokyo('2028-05-01T00:00:00'));
    expect(addToDay(localDay(released, 'Asia/Tokyo'), 0, 'day')).toBe('2027-04-17');
    const history = new LedgerHistory();
    history.award({ ref: 'A', amount: 7, at, releaseAt: released, expiresAt: lapses });
    history.settle(((lapses ?? 0) - 1) as Instant);
    expect(history.figures()).toEqual([0, 7, 0, 0]);
    history.settle(lapses as Instant);
    expect(history.figures()).toEqual([0, 0, 0, 0]);
    expect(history.account('expired')).toBe(7);
  });

  it('lapses with its release when the release comes after the last day', () => {
    const history = new LedgerHistory();
    history.award({ ...BASE, expiresAt: (releaseAt - DAY) as Instant });
    history.settle((releaseAt - 1) as Instant);
    expect(history.figures()).toEqual([54, 0, 0, 0]);
    history.settle(releaseAt);
    expect(history.transfers.map(({ kind }) => kind)).toEqual(['award', 'release', 'expiry']);
  });
});

describe('redeeming', () => {
  const order = (amount: number) => ({ currency: 'JPY', amount: amount as never });
  const refusedWith = (history: LedgerHistory, units: number, terms = ANY_TERMS): unknown => {
    history.redeem('x', units, refundedAt, terms);
    return history.refusals.at(-1);
  };

  it('is refused with the facts that explain it', () => {
    const terms = { ...ANY_TERMS, minimum: 100, step: 50 };
    expect(refusedWith(bought(), 90, terms)).toEqual({
      code: 'below_minimum_units',
      minimum: 100,
      required: 90,
    });
    expect(refusedWith(bought(), 120, terms)).toEqual({ code: 'not_a_step', step: 50, required: 120 });
    expect(refusedWith(bought(), 100, terms)).toEqual({
      code: 'insufficient_points',
      available: 88,
      required: 100,
    });
    const owing = spent();
    refund(owing, refundedAt);
    expect(refusedWith(owing, 1)).toEqual({ code: 'in_debt', debt: 13 });
    expect(order(1).currency).toBe('JPY');
  });

  it('does not spend what is pending or has lapsed, whether that is posted or not', () => {
    const history = bought();
    history.redeem('early', 1, (releaseAt - 1) as Instant);
    expect(history.refusals).toEqual([{ code: 'insufficient_points', available: 0, required: 1 }]);
    const lapsing = new LedgerHistory();
    lapsing.award({ ...BASE, releaseAt: undefined, expiresAt: releaseAt });
    lapsing.redeem('late', 1, releaseAt);
    expect(lapsing.refusals).toEqual([{ code: 'insufficient_points', available: 0, required: 1 }]);
  });
});
