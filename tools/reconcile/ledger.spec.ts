import fc from 'fast-check';
import { calculate, type Calculation, type ProgramFacts, type SentRequest } from './calculation.js';
import { BASE, bought, clockTo, fixed, KOMOREBI, onLine, rate, redeemed } from './testing/sent-requests.js';
import { refunded, refusedRedemption, rule } from './testing/sent-requests.js';

const FACTS: ProgramFacts = { ...KOMOREBI, wallets: [{ wallet: 'points' }] };
const AT_ONCE: Partial<ProgramFacts> = { return_window_days: null };
const calculated = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}) =>
  calculate({ ...FACTS, ...program }, requests);
const figures = ({ members }: Calculation, wallet = 'points', member = 'ann') => {
  const { pending, available, held, debt } = members.get(member)!.get(wallet)!;
  return [pending, available, held, debt];
};
const holding = ({ holdings }: Calculation) => holdings.get('ann')!.get('points')!;
const lasting = (code: string, days: number, units = 50) =>
  rule(code, fixed(units), { expiry: { kind: 'rolling', count: days, unit: 'day' } });
const later = (day: string) => clockTo(`2027-04-${day}T00:00:00+09:00`);
const full = (more: object = {}) => refunded('r-1', { full: true }, { ...more });

describe('time', () => {
  it('expires what is left at the end of its last day, once', () => {
    const history = [lasting('SHORT', 5), bought([1000]), redeemed('s-1', 20)];
    expect(figures(calculated([...history, clockTo('2027-04-15T23:59:59+09:00')], AT_ONCE))).toEqual([
      0, 30, 0, 0,
    ]);
    const over = calculated([...history, later('16'), later('17')], AT_ONCE);
    expect(figures(over)).toEqual([0, 0, 0, 0]);
    expect(holding(over)).toMatchObject({ awarded: 50, redeemed: 20, expired: 30 });
  });

  it('starts the life of units at their release', () => {
    const [award] = calculated([lasting('SHORT', 5), bought([1000])]).orders.get('o-1')!.awards;
    expect([award?.release_at, award?.expires_at]).toEqual([
      '2027-04-24T15:00:00.000Z',
      '2027-04-30T15:00:00.000Z',
    ]);
  });

  it('releases and expires in one step of the clock as in many', () => {
    const history = [lasting('SHORT', 5), lasting('LONG', 10), bought([1000])];
    const steps = ['25', '28', '29', '30'].map(later);
    const end = clockTo('2027-05-02T00:00:00+09:00');
    expect(calculated([...history, end])).toEqual(calculated([...history, ...steps, end]));
    expect(figures(calculated([...history, end]))).toEqual([0, 50, 0, 0]);
  });

  it('expires a late award that somebody lets through after its time', () => {
    const late = bought([1000], { occurred_at: '2027-03-01T10:00:00+09:00' });
    const released = { ...later('11'), path: '/v1/reviews/purchase:o-1/release' };
    const result = calculated([lasting('SHORT', 5), late, released], AT_ONCE);
    expect(figures(result)).toEqual([0, 0, 0, 0]);
    expect(holding(result).expired).toBe(50);
  });

  it('passes by what is received, in a program without a test clock', () => {
    const live = { clock_at: null };
    const sent = { ...bought([1000]), received_at: '2027-04-10T01:00:05Z' };
    const again = {
      ...bought([1000], { order_id: 'o-2', occurred_at: '2027-04-20T10:00:00+09:00' }),
      received_at: '2027-04-24T15:00:00Z',
    };
    expect(figures(calculated([BASE, sent], live))).toEqual([10, 0, 0, 0]);
    expect(figures(calculated([BASE, sent, again], live))).toEqual([10, 10, 0, 0]);
    const now = { now: '2027-05-05T00:00:00Z' };
    expect(figures(calculate({ ...FACTS, ...live }, [BASE, sent, again], now))).toEqual([0, 20, 0, 0]);
  });
});

describe('clawbacks', () => {
  const spent = [rule('BASE', rate(1, 100)), bought([5000]), redeemed('s-1', 40)];

  it.each([
    ['negative', [0, 0, 0, 40], 0],
    ['within_balance', [0, 0, 0, 0], 40],
    ['pending_only', [0, 10, 0, 0], 50],
  ] as const)('%s', (clawback_policy, expected, uncollected) => {
    const result = calculated([...spent, full()], { ...AT_ONCE, clawback_policy });
    expect(figures(result)).toEqual(expected);
    expect(holding(result).uncollected).toBe(uncollected);
  });

  it('pending only: takes what is pending in full', () => {
    const result = calculated([BASE, bought([5000]), full()], { clawback_policy: 'pending_only' });
    expect(figures(result)).toEqual([0, 0, 0, 0]);
    expect(holding(result).uncollected).toBe(0);
  });

  it('take from the award’s own lot, then from what lapses first, never from what is pending elsewhere', () => {
    const other = bought([3000], { order_id: 'o-2', occurred_at: '2027-04-24T10:00:00+09:00' });
    const history = [BASE, bought([5000]), later('25'), redeemed('s-1', 40), other];
    expect(figures(calculated([...history, full()]))).toEqual([30, 0, 0, 40]);
  });

  it('do not ask for what has expired', () => {
    const history = [lasting('SHORT', 5), bought([5000]), redeemed('s-1', 20), later('16')];
    const result = calculated([...history, full({ occurred_at: '2027-04-15T10:00:00+09:00' })], AT_ONCE);
    expect(figures(result)).toEqual([0, 0, 0, 20]);
    expect(holding(result)).toMatchObject({ expired: 30, clawed_back: 20 });
  });

  it('are cumulative, also through debt', () => {
    const parts = [1000, 1500, 2500].map((amount, i) => refunded(`p-${i}`, onLine('1', amount)));
    expect(figures(calculated([...spent, ...parts], AT_ONCE))).toEqual(
      figures(calculated([...spent, full()], AT_ONCE)),
    );
  });

  it('leave every other wallet alone', () => {
    const cashback = rule('CASHBACK', { kind: 'cashback', percent_bp: 300 }, { wallet: 'cashback' });
    const history = [BASE, cashback, bought([5000]), redeemed('s-1', 50), refunded('r-1', onLine('1', 2500))];
    const result = calculated(history, {
      ...AT_ONCE,
      wallets: [{ wallet: 'points' }, { wallet: 'cashback' }],
    });
    expect([figures(result), figures(result, 'cashback')]).toEqual([
      [0, 0, 0, 25],
      [0, 75, 0, 0],
    ]);
  });
});

describe('spending', () => {
  const wallets = [
    {
      wallet: 'points',
      unit_value: { currency: 'JPY', minor: 2, units: 1 },
      redemption: { minimum: 20, step: 10, max_share_bp: 5_000 },
    },
  ];
  const program = { ...AT_ONCE, wallets };
  const history = [BASE, bought([10_000])];
  const order = (amount_minor: number) => ({ order: { order_id: 'o-9', currency: 'JPY', amount_minor } });

  it.each<[string, SentRequest, readonly string[]]>([
    ['everything', redeemed('s-1', 100), []],
    ['more than there is', redeemed('s-1', 110), ['insufficient_points']],
    ['too little', redeemed('s-1', 10), ['below_minimum_units']],
    ['no step', redeemed('s-1', 25), ['not_a_step']],
    ['half of an order', redeemed('s-1', 50, order(200)), []],
    ['more than half of an order', redeemed('s-1', 50, order(199)), ['above_order_share']],
    [
      'of a wallet that is none',
      redeemed('s-1', 50, { wallet: 'miles' }),
      ['unknown_wallet', 'insufficient_points'],
    ],
    ['of nobody', redeemed('s-1', 50, { member_id: 'zoe' }), ['insufficient_points']],
    ['several reasons', redeemed('s-1', 105), ['not_a_step', 'insufficient_points']],
  ])('%s', (_name, request, refusals) => {
    const found = calculated([...history, request], program).redemptions.get('s-1');
    expect(found?.refusals).toEqual(refusals);
    expect(found?.state).toBe(refusals.length === 0 ? 'redeemed' : 'refused');
  });

  it('is refused while something is owed', () => {
    const owing = [...history, redeemed('s-0', 100), full()];
    const result = calculated(
      [...owing, refusedRedemption(redeemed('s-1', 20), 'in_debt', { debt: 100 })],
      program,
    );
    expect(result.wrong_answers).toEqual([]);
    expect(result.redemptions.get('s-1')?.refusals).toEqual(['in_debt', 'insufficient_points']);
  });

  it('remembers a refusal under its id', () => {
    const refusal = refusedRedemption(redeemed('s-1', 110), 'insufficient_points', {
      available: 100,
      required: 110,
    });
    const more = bought([10_000], { order_id: 'o-2' });
    expect(calculated([...history, refusal, more, refusal], program).wrong_answers).toEqual([]);
    expect(calculated([...history, refusal, more, redeemed('s-1', 110)], program).wrong_answers).toHaveLength(
      1,
    );
  });

  it('names a refund of an order that units paid for: what comes back is not calculated', () => {
    const paid = redeemed('s-1', 20, { order: { order_id: 'o-1', currency: 'JPY', amount_minor: 10_000 } });
    expect(calculated([...history, paid, full()], program).not_covered).toEqual([
      'refund r-1 of order o-1, which units paid for',
    ]);
  });
});

describe('laws over any history', () => {
  const anEvent = fc.oneof(
    fc.record({ kind: fc.constant('buy' as const), amount: fc.integer({ min: 0, max: 9_000 }) }),
    fc.record({
      kind: fc.constant('back' as const),
      order: fc.nat(10),
      amount: fc.integer({ min: 1, max: 9_000 }),
    }),
    fc.record({ kind: fc.constant('spend' as const), units: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }),
  );
  const policies = fc.constantFrom('negative' as const, 'within_balance' as const, 'pending_only' as const);
  const windows = fc.constantFrom(null, 0, 7);

  it('balances agree with what moved them, nothing is negative, and debt and balance exclude each other', () => {
    fc.assert(
      fc.property(
        fc.array(anEvent, { maxLength: 40 }),
        policies,
        windows,
        (events, clawback_policy, window) => {
          let now = Date.parse('2027-04-10T03:00:00Z');
          const history: SentRequest[] = [
            BASE,
            rule('BONUS', fixed(7), { minimum_eligible_minor: 3_000 }),
            rule('SHORT', rate(1, 300), { wallet: 'points', priority: -1, line_filter: { skus: ['none'] } }),
          ];
          events.forEach((event, i) => {
            const occurred_at = new Date(now).toISOString();
            if (event.kind === 'buy')
              history.push(bought([event.amount, 500], { order_id: `o-${i}`, occurred_at }));
            if (event.kind === 'back')
              history.push(
                refunded(
                  `r-${i}`,
                  { amount_minor: event.amount },
                  { order_id: `o-${event.order}`, occurred_at },
                ),
              );
            if (event.kind === 'spend') history.push(redeemed(`s-${i}`, event.units));
            if (event.kind === 'wait') {
              now += event.days * 86_400_000;
              history.push(clockTo(new Date(now).toISOString()));
            }
          });
          const expiry = { kind: 'rolling', count: 25, unit: 'day' } as const;
          const program = {
            clawback_policy,
            return_window_days: window,
            wallets: [{ wallet: 'points', expiry }],
          };
          const result = calculated(history, program);
          const found = result.holdings.get('ann')?.get('points');
          if (found === undefined) return;
          const [pending = 0, available = 0, , debt = 0] = figures(result);
          const { awarded, clawed_back, uncollected, redeemed: used, expired, lots } = found;
          expect(pending + available - debt).toBe(awarded - clawed_back + uncollected - used - expired);
          expect(lots.every(({ remaining, amount }) => remaining >= 0 && remaining <= amount)).toBe(true);
          expect(Math.min(available, debt)).toBe(0);
          // What each order asks back is what was posted, but for what had expired.
          expect(clawed_back).toBeLessThanOrEqual(result.totals.clawed_back);
          if (expired === 0) expect(clawed_back).toBe(result.totals.clawed_back);
        },
      ),
      { numRuns: 200 },
    );
  });
});
