import { calculate, type ProgramFacts, type SentRequest } from './calculation.js';
import { compare } from './compare.js';
import { AgreeingProgram } from './testing/agreeing-program.js';
import { BASE, BASKET, bought, BRANCH, clockTo, engaged, fixed, KOMOREBI } from './testing/sent-requests.js';
import { onLine, patched, post, redeemed, refunded, refusedRedemption } from './testing/sent-requests.js';
import { rule, TEA, times } from './testing/sent-requests.js';

/** Faults of a product, planted one by one: what it would answer is worked out with the fault, and the comparison must see it. */

const REVIEW = rule('REVIEW', fixed(30), { trigger: 'engagement', activity: 'review', cap: { awards: 3 } });
const FIRST = rule('FIRST', fixed(200), {
  minimum_eligible_minor: 2000,
  conditions: [{ label: 'first order', expression: 'member.is_first_purchase' }],
});
const BIG = rule('BIG', fixed(300), { minimum_eligible_minor: 10_000 });
const CAPPED = rule('CAPPED', times(15_000, 'ware'), {
  line_filter: { categories: ['ware'] },
  cap: { units: 30 },
});
const on = (day: string, hour = '10') => ({ occurred_at: `2027-04-${day}T${hour}:00:00+09:00` });
const turned = (code: string, turn: string, at: string) =>
  post(`/v1/rules/${code}/${turn}`, { reason: 'campaign' }, { status: 200, answer: { valid_from: at } });

const before = bought(BASKET, { order_id: 'o-before', ...on('01') });
const first = bought(BASKET, on('02'));
const twice = bought(BASKET, { order_id: 'o-2', ...on('03') });
const big = bought(
  [
    { quantity: 2, unit_price_minor: 6800, category: 'ware' },
    { quantity: 3, unit_price_minor: 2400, category: 'tea' },
  ],
  { order_id: 'o-3', ...on('05') },
);
const reviews = ['1', '2', '3', '4'].map((id) => engaged(`e-${id}`, '2027-04-06T10:00:00+09:00'));
const bob = bought([9900], { order_id: 'o-4', member_id: 'bob', ...on('06') });
const pause = turned('BRANCH', 'pause', '2027-04-07T00:00:00+09:00');
const paused = bought(BASKET, { order_id: 'o-5', ...on('07') });
const teapot = refunded('r-1', onLine('1', 6800), { order_id: 'o-3', ...on('08') });
const gyokuro = refunded('r-2', onLine('2', 4800), { order_id: 'o-3', ...on('08') });
const foreign = refunded('r-3', { full: true }, { order_id: 'o-4', ...on('08') });
const late = bought([5000], { order_id: 'o-late', occurred_at: '2027-02-01T10:00:00+09:00' });
const refusedLate = bought([5000], { order_id: 'o-never', occurred_at: '2027-02-02T10:00:00+09:00' });
const releaseLate = post('/v1/reviews/purchase%3Ao-late/release', { reason: 'known' }, { status: 200 });
const refuseLate = post('/v1/reviews/purchase:o-never/refuse', { reason: 'unknown' }, { status: 200 });
const spent = redeemed('s-1', 800);
const tooMuch = refusedRedemption(redeemed('s-2', 9_999), 'insufficient_points');
const owed = refunded('r-4', { full: true }, { ...on('27') });
const after = bought([2000], { order_id: 'o-6', ...on('27') });

const HISTORY: readonly SentRequest[] = [
  clockTo('2027-04-09T12:00:00+09:00'),
  ...[BASE, TEA, BRANCH, REVIEW, FIRST, BIG, CAPPED],
  ...[before, first, twice, big, ...reviews, bob, pause, paused],
  ...[teapot, gyokuro, foreign, late, refusedLate, releaseLate, refuseLate],
  clockTo('2027-04-27T12:00:00+09:00'),
  ...[spent, tooMuch, owed, after],
  clockTo('2027-05-12T12:00:00+09:00'),
];

const without = (...left: readonly SentRequest[]) => HISTORY.filter((request) => !left.includes(request));
const replaced = (old: SentRequest, ...others: readonly SentRequest[]) =>
  HISTORY.flatMap((request) => (request === old ? others : [request]));
const changed = (old: SentRequest, more: object) =>
  replaced(old, { ...old, body: { ...(old.body as object), ...more } });

/** The pause takes effect before the fifth of April. */
const early = (turn: SentRequest) =>
  HISTORY.flatMap((request) => {
    if (request === big) return [turned('BRANCH', 'pause', '2027-04-05T00:00:00+09:00'), big];
    return request === turn ? [] : [request];
  });

const CALCULATION = calculate(KOMOREBI, HISTORY);
const differencesOf = async (program: AgreeingProgram) =>
  (await compare(CALCULATION, program.reads)).differences;
const withFault = (requests: readonly SentRequest[], program: Partial<ProgramFacts> = {}) =>
  differencesOf(new AgreeingProgram(calculate({ ...KOMOREBI, ...program }, requests)));

describe('planted faults', () => {
  it('finds nothing where nothing is planted, and compares all of it', async () => {
    expect(CALCULATION).toMatchObject({ wrong_answers: [], not_covered: [] });
    const { differences, compared } = await compare(CALCULATION, new AgreeingProgram(CALCULATION).reads);
    expect(differences).toEqual([]);
    expect(compared).toEqual({
      ...{ members: 2, orders: 9, awards: 27, refunds: 4, engagements: 4, reviews: 2, redemptions: 2 },
      lots: 27,
    });
  });

  it.each<[string, readonly SentRequest[], Partial<ProgramFacts>, RegExp]>([
    ['rounding up', HISTORY, { rounding: 'ceil' }, /the units of BASE/],
    ['rounding on every line', HISTORY, { rounding_scope: 'line' }, /the units of/],
    ['bonuses on the rounded base', HISTORY, { bonus_from: 'rounded_base' }, /the units of/],
    ['a dropped purchase', without(twice), {}, /Order o-2: should be decided, found nothing/],
    ['a dropped refund', without(teapot), {}, /refund r-1: should be applied, found nothing/],
    [
      'a refund applied twice',
      replaced(teapot, teapot, refunded('r-1b', onLine('1', 6800), { order_id: 'o-3', ...on('08') })),
      {},
      /Order o-3, status: the clawback of BASE \(points\) should be 116, found 184/,
    ],
    [
      'a refund of another member applied',
      changed(foreign, { member_id: 'bob' }),
      {},
      /should be foreign_member/,
    ],
    [
      'a bonus that shrinks',
      changed(BIG, { minimum_eligible_minor: 1 }),
      {},
      /clawback of BIG .* 300, found 0/,
    ],
    ['a minimum off by one', changed(BIG, { minimum_eligible_minor: 20_801 }), {}, /BIG .* found no award/],
    [
      'a first purchase that is not the first',
      changed(FIRST, { conditions: [] }),
      {},
      /FIRST .* should not be awarded/,
    ],
    [
      'a cap that is not kept',
      changed(REVIEW, { cap: { awards: 4 } }),
      {},
      /Engagement e-4: REVIEW .* not be awarded/,
    ],
    ['a cap in units that is not kept', changed(CAPPED, { cap: null }), {}, /the units of CAPPED/],
    [
      'a cap that gives nothing when it is short',
      changed(CAPPED, { cap: { units: 30, all_or_nothing: true } }),
      {},
      /CAPPED/,
    ],
    ['multipliers of other lines', changed(TEA, { line_filter: {} }), {}, /the units of TEA/],
    [
      'a multiplier off by a tenth',
      changed(BRANCH, { reward: times(12_600, 'tier') }),
      {},
      /units of BRANCH/,
    ],
    ['groups that exclude each other', changed(BRANCH, { reward: times(12_500, 'campaigns') }), {}, /BRANCH/],
    ['a pause without effect', without(pause), {}, /Order o-5, status: BRANCH .* should not be awarded/],
    ['a pause that works back', early(pause), {}, /Order o-3, status: BRANCH .* found no award/],
    [
      'an engagement counted twice',
      replaced(reviews[0]!, reviews[0]!, engaged('e-9', on('06').occurred_at)),
      {},
      /Engagement e-3: REVIEW .* found no award/,
    ],
    ['a release a day early', HISTORY, { return_window_days: 13 }, /BASE \(points\): its release should be/],
    ['no waiting', HISTORY, { return_window_days: null }, /: pending should be|its release should be/],
    [
      'an expiry that is not rounded',
      HISTORY,
      { wallets: [{ wallet: 'points', expiry: { kind: 'rolling', count: 12, unit: 'month' } }] },
      /its expiry should be 2028-04-30T15:00:00.000Z, found 2028-04-/,
    ],
    ['days of another zone', HISTORY, { time_zone: 'Europe/London' }, /its release should be/],
    ['debt that is not owed', HISTORY, { clawback_policy: 'within_balance' }, /debt should be 22, found 0/],
    ['debt that is not offset', HISTORY.slice(0, -1), {}, /debt should be 22, found 42/],
    ['a late event decided', without(releaseLate), { late_window_days: 90 }, /Order o-never/],
    [
      'a review that is not closed',
      without(refuseLate),
      {},
      /Review purchase:o-never: the state should be refused/,
    ],
    [
      'a review let through that was not',
      without(releaseLate),
      {},
      /Order o-late: the state should be decided/,
    ],
    ['a lost redemption', without(spent), {}, /Redemption s-1: should be 800 units, found nothing/],
    [
      'a redemption charged twice',
      replaced(spent, spent, redeemed('s-3', 1)),
      {},
      /debt should be 22, found 23/,
    ],
  ])('%s', async (_name, requests, program, expected) => {
    const differences = await withFault(requests, program);
    expect(differences.join('\n')).toMatch(expected);
  });

  it.each<[string, (program: AgreeingProgram) => void, readonly string[]]>([
    [
      'an expiry that came too early: only the lots show it',
      ({ lots }) => Object.assign(lots['bob']!['points']![0]!, { expires_at: '2028-03-31T15:00:00Z' }),
      [
        'Member bob, wallet points: units available now, lapsing at 2028-03-31T15:00:00.000Z should be 0, found 99.',
        'Member bob, wallet points: units available now, lapsing at 2028-04-30T15:00:00.000Z should be 323, found 224.',
      ],
    ],
    [
      'another reason',
      ({ engagements }) =>
        Object.assign(engagements['e-4']!.explanation[0]!, { reason: 'condition_not_met' }),
      ['Engagement e-4: REVIEW (points) gives nothing because of cap_reached, found condition_not_met.'],
    ],
    [
      'a split that burned what lapses later',
      ({ redemptions }) =>
        Object.assign(redemptions['s-1']!.lots[0]!, { award_id: 'purchase o-6 BASE points' }),
      ['Redemption s-1: units of'],
    ],
    [
      'a refused redemption that took effect',
      ({ redemptions }) => {
        redemptions['s-2'] = { ...redemptions['s-1']!, redemption_id: 's-2' };
      },
      ['Redemption s-2: was refused, yet is found.'],
    ],
    [
      'a member’s wallet that is another’s',
      ({ wallets }) => {
        wallets['bob'] = wallets['ann']!;
      },
      ['Member bob, wallet points: available should be'],
    ],
    [
      'an engagement of another member',
      ({ engagements }) => Object.assign(engagements['e-1']!, { member_id: 'bob' }),
      ['Engagement e-1: the member should be ann, found bob.'],
    ],
    [
      'an engagement of another activity',
      ({ engagements }) => Object.assign(engagements['e-1']!, { activity: 'share' }),
      ['Engagement e-1: the activity should be review, found share.'],
    ],
    [
      'an order that was refused in review, yet is decided',
      ({ purchases }) => Object.assign(purchases['o-never']!, { state: 'decided' }),
      ['Order o-never: was refused, found decided.'],
    ],
    [
      'a next release that is none',
      ({ wallets }) =>
        Object.assign(wallets['bob']![0]!, { next_release: { at: '2027-05-31T15:00:00Z', amount: 9 } }),
      ['Member bob, wallet points: the next release should be none, found 9 at 2027-05-31T15:00:00.000Z.'],
    ],
    [
      'a review for another reason',
      ({ reviews: open }) => Object.assign(open['purchase:o-late']!, { reason: 'amount_over_limit' }),
      ['Review purchase:o-late: the reason should be late, found amount_over_limit.'],
    ],
  ])('%s', async (_name, change, expected) => {
    const program = new AgreeingProgram(CALCULATION);
    change(program);
    const differences = await differencesOf(program);
    for (const sentence of expected) expect(differences.join('\n')).toContain(sentence);
  });
});

describe('answers of commands', () => {
  const answered = (request: SentRequest, status: number, answer: object) =>
    calculate(KOMOREBI, replaced(request, { ...request, status, answer })).wrong_answers;

  it('are wrong when a redemption is refused that should be accepted, and the other way round', () => {
    expect(answered(spent, 422, { code: 'insufficient_points' })[0]).toBe(
      'Redemption s-1: should be accepted, was refused with insufficient_points.',
    );
    expect(answered(tooMuch, 201, {})).toEqual([
      'Redemption s-2: should be refused (insufficient_points), was accepted.',
    ]);
  });

  it('are wrong when their figures are', () => {
    const facts = { after: { pending: 0, available: 0, held: 0, debt: 0 }, units: 800, value: { minor: 7 } };
    const wrong = answered(spent, 201, facts);
    expect(wrong[0]).toBe('Redemption s-1: the value should be 800, was 7.');
    expect(wrong[1]).toMatch(/^Redemption s-1: available after it should be \d+, was 0\.$/);
  });

  it('are wrong when what is repeated is answered otherwise', () => {
    const again = { ...spent, status: 422, answer: { code: 'insufficient_points' } };
    const other = redeemed('s-1', 1);
    expect(calculate(KOMOREBI, [...HISTORY, spent, again, other]).wrong_answers).toEqual([
      'Redemption s-1: repeated, it should have the same answer, was answered 422.',
      'Redemption s-1: other content under a taken id should be a conflict, was answered 201.',
    ]);
  });

  it('count in the comparison', async () => {
    const calculation = { ...CALCULATION, wrong_answers: ['Redemption s-9: should be accepted.'] };
    const { differences } = await compare(calculation, new AgreeingProgram(CALCULATION).reads);
    expect(differences).toEqual(['Redemption s-9: should be accepted.']);
  });

  it('of settings count from their request on', () => {
    const patch = patched({ return_window_days: null });
    const { members } = calculate(KOMOREBI, [BASE, first, patch, twice]);
    expect(members.get('ann')?.get('points')).toMatchObject({ pending: 54, available: 54 });
  });
});
