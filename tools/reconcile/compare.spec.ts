import { calculate, type SentRequest } from './calculation.js';
import { compare, type LotRead, type ProgramReads, type WalletRead } from './compare.js';

const PROGRAM = {
  program_id: 'komorebi-1',
  time_zone: 'Asia/Tokyo',
  currency: 'JPY',
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  starts_at: '2027-01-01T00:00:00+09:00',
  max_award: 1_000_000_000,
} as const;

const post = (path: string, body: object): SentRequest => ({ path, body, status: 202, answer: {} });
const bought = (order_id: string, member_id: string, amount: number) =>
  post('/v1/purchases', {
    order_id,
    member_id,
    occurred_at: '2027-04-10T10:00:00+09:00',
    currency: 'JPY',
    lines: [
      { line_id: '1', sku: 'tea', quantity: 1, unit_price_minor: amount, discount_minor: 0 },
      { line_id: '2', sku: 'ribbon', quantity: 1, unit_price_minor: 0, discount_minor: 0 },
    ],
    prices_include_tax: false,
  });
const refunded = (order_id: string, member_id: string, amount_minor: number) =>
  post(`/v1/purchases/${order_id}/refunds`, {
    refund_id: 'r-1',
    order_id,
    member_id,
    occurred_at: '2027-04-11T10:00:00+09:00',
    currency: 'JPY',
    amount_minor,
  });

/** ann: 54 − 27; bob: 20, one foreign refund, one conflict; o-3 is awaited. */
const CALCULATION = calculate(PROGRAM, [
  post('/v1/rules', {
    code: 'BASE',
    trigger: 'purchase',
    wallet: 'points',
    reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    valid_from: PROGRAM.starts_at,
  }),
  bought('o-1', 'ann', 5480),
  refunded('o-1', 'ann', 2740),
  bought('o-2', 'bob', 2000),
  bought('o-2', 'bob', 9999),
  refunded('o-2', 'ann', 100),
  refunded('o-3', 'ann', 100),
]);

interface Status {
  member_id: string | null;
  state: string;
  awards: {
    rule: string;
    rule_version: number;
    wallet: string;
    amount: number;
    clawback_total: number;
    lines: { line_id: string; eligible_minor: number; units: number }[];
  }[];
  refunds: { refund_id: string; state: string; reason?: string; over_minor: number }[];
  conflicts: { event_id: string; received_at: string }[];
}

/** A program in memory that agrees with the calculation until a test changes it. */
function aProgram() {
  const award = (amount: number, clawback_total: number, eligible_minor: number) => ({
    rule: 'BASE',
    rule_version: 1,
    wallet: 'points',
    amount,
    clawback_total,
    lines: [{ line_id: '1', eligible_minor, units: amount }],
  });
  const wallet = (available: number) => ({ wallet: 'points', pending: 0, available, held: 0, debt: 0 });
  const refund = {
    refund_id: 'r-1',
    state: 'applied',
    reason: undefined as string | undefined,
    over_minor: 0,
  };
  const foreign = { ...refund, state: 'rejected', reason: 'foreign_member' };
  const conflict = { event_id: 'purchase:o-2', received_at: '2027-04-10T01:00:00Z' };
  const purchases: Record<string, Status> = {
    'o-1': {
      member_id: 'ann',
      state: 'decided',
      awards: [award(54, 27, 5480)],
      refunds: [refund],
      conflicts: [],
    },
    'o-2': {
      member_id: 'bob',
      state: 'decided',
      awards: [award(20, 0, 2000)],
      refunds: [foreign],
      conflicts: [conflict],
    },
    'o-3': {
      member_id: null,
      state: 'awaited',
      awards: [],
      refunds: [{ ...refund, state: 'waiting' }],
      conflicts: [],
    },
  };
  const lots = { ann: [{ remaining: 27 }], bob: [{ remaining: 20 }] };
  return { wallets: { ann: [wallet(27)], bob: [wallet(20)] }, lots, purchases };
}

type Program = ReturnType<typeof aProgram>;

const readsOf = (program: Program): ProgramReads => ({
  wallets: async (memberId) => (program.wallets as Record<string, WalletRead[]>)[memberId] ?? [],
  purchase: async (orderId) => program.purchases[orderId],
  awards: async (orderId) => program.purchases[orderId]?.awards ?? [],
  lots: async (memberId) => (program.lots as Record<string, LotRead[]>)[memberId] ?? [],
  engagement: async () => undefined,
  review: async () => undefined,
  redemption: async () => undefined,
});

const differencesAfter = async (change: (program: Program) => void): Promise<readonly string[]> => {
  const program = aProgram();
  change(program);
  return (await compare(CALCULATION, readsOf(program))).differences;
};
const order = (program: Program, orderId: string) => {
  const found = program.purchases[orderId];
  if (found === undefined) throw new Error(orderId);
  return found;
};
const firstAward = (program: Program, orderId: string) => {
  const award = order(program, orderId).awards[0];
  if (award === undefined) throw new Error(orderId);
  return award;
};

describe('comparing the calculation with a program', () => {
  it('finds nothing where nothing differs, and counts what it compared', async () => {
    expect(await compare(CALCULATION, readsOf(aProgram()))).toEqual({
      compared: {
        ...{ members: 2, orders: 3, awards: 2, refunds: 3 },
        ...{ engagements: 0, reviews: 0, redemptions: 0, lots: 2 },
      },
      differences: [],
    });
  });

  it.each<[string, (program: Program) => void, string[]]>([
    [
      'a missing award',
      (program) => order(program, 'o-2').awards.pop(),
      [
        'Order o-2, awards: BASE (points) should be 20 units, found no award.',
        'Order o-2, status: BASE (points) should be 20 units, found no award.',
      ],
    ],
    [
      'an award off by one',
      (program) => {
        Object.assign(firstAward(program, 'o-1'), { amount: 55 });
        Object.assign(program.wallets.ann[0] ?? {}, { available: 28 });
      },
      [
        'Member ann, wallet points: available should be 27, found 28.',
        'Order o-1, awards: the units of BASE (points) should be 54, found 55.',
        'Order o-1, status: the units of BASE (points) should be 54, found 55.',
      ],
    ],
    [
      'a line off by one',
      (program) => {
        firstAward(program, 'o-1').lines = [
          { line_id: '1', eligible_minor: 5479, units: 53 },
          { line_id: '2', eligible_minor: 0, units: 1 },
        ];
      },
      [
        'Order o-1: the eligible amount of line 1 should be 5480, found 5479.',
        'Order o-1: the units of BASE (points) on line 1 should be 54, found 53.',
        'Order o-1: the units of BASE (points) on line 2 should be 0, found 1.',
      ],
    ],
    [
      'a clawback taken twice',
      (program) => {
        Object.assign(firstAward(program, 'o-1'), { clawback_total: 54 });
        Object.assign(program.wallets.ann[0] ?? {}, { available: 0 });
      },
      [
        'Member ann, wallet points: available should be 27, found 0.',
        'Order o-1, awards: the clawback of BASE (points) should be 27, found 54.',
        'Order o-1, status: the clawback of BASE (points) should be 27, found 54.',
      ],
    ],
    [
      'a clawback taken twice in the ledger only',
      (program) => Object.assign(program.wallets.ann[0] ?? {}, { available: 0 }),
      ['Member ann, wallet points: available should be 27, found 0.'],
    ],
    [
      'figures without a ground',
      (program) =>
        program.wallets.bob.push({ wallet: 'cashback', pending: 5, available: 0, held: 1, debt: 2 }),
      [
        'Member bob, wallet cashback: debt should be 0, found 2.',
        'Member bob, wallet cashback: held should be 0, found 1.',
        'Member bob, wallet cashback: pending should be 0, found 5.',
      ],
    ],
    [
      'a wallet that is not there',
      (program) => program.wallets.bob.pop(),
      ['Member bob, wallet points: available should be 20, found 0.'],
    ],
    [
      'an award paid twice',
      (program) => order(program, 'o-2').awards.push(firstAward(program, 'o-2')),
      [
        'Order o-2, awards: BASE (points) should be awarded once, found more than once.',
        'Order o-2, status: BASE (points) should be awarded once, found more than once.',
      ],
    ],
    [
      'an award nobody expects',
      (program) => order(program, 'o-3').awards.push({ ...firstAward(program, 'o-2'), rule: 'TEA' }),
      [
        'Order o-3, awards: TEA (points) should not be awarded, found 20 units.',
        'Order o-3, status: TEA (points) should not be awarded, found 20 units.',
      ],
    ],
    [
      'another version, member and state',
      (program) => {
        Object.assign(firstAward(program, 'o-2'), { rule_version: 2 });
        Object.assign(order(program, 'o-2'), { member_id: 'ann', state: 'review', review_reason: 'late' });
      },
      [
        'Order o-2, awards: the version of BASE (points) should be 1, found 2.',
        'Order o-2, status: the version of BASE (points) should be 1, found 2.',
        'Order o-2: the member should be bob, found ann.',
        'Order o-2: the review reason should be none, found late.',
        'Order o-2: the state should be decided, found review.',
      ],
    ],
    [
      'refunds lost, applied wrongly, invented',
      (program) => {
        order(program, 'o-1').refunds = [];
        order(program, 'o-2').refunds = [{ refund_id: 'r-1', state: 'applied', over_minor: 100 }];
        order(program, 'o-3').refunds.push({ refund_id: 'r-9', state: 'waiting', over_minor: 0 });
      },
      [
        'Order o-1, refund r-1: should be applied, found nothing.',
        'Order o-2, refund r-1: the amount over the order should be 0, found 100.',
        'Order o-2, refund r-1: the state should be foreign_member, found applied.',
        'Order o-3, refund r-9: was never acknowledged, yet is found.',
      ],
    ],
    [
      'a conflict that is not shown, and one that is none',
      (program) => {
        Object.assign(order(program, 'o-1'), { conflicts: [{ event_id: 'purchase:o-1' }] });
        Object.assign(order(program, 'o-2'), { conflicts: [] });
      },
      [
        'Order o-1: the conflicts should be none, found purchase:o-1.',
        'Order o-2: the conflicts should be purchase:o-2, found none.',
      ],
    ],
    [
      'an order that is not known',
      (program) => delete program.purchases['o-3'],
      ['Order o-3: should be awaited, found nothing.'],
    ],
  ])('finds %s', async (_name, change, expected) => {
    expect(await differencesAfter(change)).toEqual(expected);
  });

  it('names what the calculation cannot judge', async () => {
    const calculation = { ...CALCULATION, not_covered: ['POST /v1/redemptions'] };
    expect((await compare(calculation, readsOf(aProgram()))).differences).toEqual([
      'The calculation does not cover: POST /v1/redemptions.',
    ]);
  });

  it('reads a few at a time', async () => {
    let running = 0;
    let most = 0;
    const reads = readsOf(aProgram());
    const slow: ProgramReads = {
      ...reads,
      wallets: async (memberId) => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running -= 1;
        return reads.wallets(memberId);
      },
    };
    const many = new Map(Array.from({ length: 50 }, (_, i) => [`m-${i}`, new Map()]));
    const { compared } = await compare({ ...CALCULATION, members: many }, slow, 8);
    expect(compared.members).toBe(50);
    expect(most).toBe(8);
  });
});
