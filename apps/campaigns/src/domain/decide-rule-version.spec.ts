import { instant, type Instant } from '@kizuna/kernel';
import { decideRuleState, type StateCommand } from './decide-rule-state.js';
import { decideRuleVersion, NOTICE_MS } from './decide-rule-version.js';
import { rulesAt, type EarningRule, type Reward } from './earning-rule.js';
import { standingOf, type RuleBook } from './rule-book.js';
import type { RuleDraft } from './rule-draft.js';

const now = instant('2027-04-10T00:00:00Z');
const DAY_MS = 86_400_000;
const later = (days: number): Instant => instant(now + days * DAY_MS);

const rates = [{ currency: 'JPY', units: 1, per_minor: 100 }];
const draft = (code: string, more: Partial<RuleDraft> = {}): RuleDraft => ({
  code,
  label: code,
  labelJa: undefined,
  trigger: { kind: 'purchase' },
  wallet: 'points',
  priority: 0,
  conditions: [],
  lineFilter: {},
  minimumEligible: undefined,
  reward: { kind: 'base_rate', rates },
  cap: undefined,
  pending: undefined,
  expiry: undefined,
  validFrom: undefined,
  validTo: undefined,
  ...more,
});
const REVIEW = { trigger: { kind: 'engagement', activity: 'review' } } as const;
const FIXED: Reward = { kind: 'fixed', units: 30 };
const double = (mode: 'best' | 'additive' | 'multiplicative', group = 'weekend'): Partial<RuleDraft> => ({
  reward: { kind: 'multiplier', multiplier_bp: 20_000, group, mode },
});
const version = (code: string, number: number, more: Partial<EarningRule> = {}): EarningRule => ({
  ...draft(code),
  version: number,
  state: 'active',
  validFrom: later(-30),
  ruleSetRevision: number,
  ...more,
});
const book = (versions: readonly EarningRule[] = [], more: Partial<RuleBook> = {}): RuleBook => ({
  wallets: ['points', 'cashback-jpy'],
  startsAt: later(-100),
  hasEvents: true,
  now,
  revision: 7,
  versions,
  ...more,
});

const refusal = (given: RuleDraft, among: RuleBook = book()) => {
  const decision = decideRuleVersion(given, among);
  return decision.accepted ? 'accepted' : decision.rejection;
};

describe('a rule version', () => {
  it('begins five seconds after now at the earliest, as the next of its rule', () => {
    const decision = decideRuleVersion(draft('BASE'), book([version('BASE', 3)]));
    expect(decision).toMatchObject({
      accepted: true,
      value: { version: 4, state: 'active', validFrom: now + NOTICE_MS, ruleSetRevision: 7 },
    });
    expect(refusal(draft('BASE', { validFrom: instant(now + NOTICE_MS - 1) }))).toEqual({
      code: 'valid_from_too_early',
      earliest: now + NOTICE_MS,
    });
  });

  it('may begin with its program before the first event, and only as the first of its rule', () => {
    const fresh = { hasEvents: false };
    expect(decideRuleVersion(draft('BASE'), book([], fresh))).toMatchObject({
      value: { validFrom: later(-100) },
    });
    expect(decideRuleVersion(draft('BASE'), book([version('BASE', 1)], fresh))).toMatchObject({
      value: { validFrom: now + NOTICE_MS },
    });
  });

  it('may take the place of one that begins with it, or that has given way already', () => {
    const scheduled = version('A', 2, { validFrom: later(3) });
    expect(refusal(draft('A', { validFrom: later(3) }), book([version('A', 1), scheduled]))).toBe('accepted');
    const paused = version('A', 3, { state: 'paused', validFrom: later(-1) });
    expect(refusal(draft('A'), book([version('A', 1), scheduled, paused]))).toBe('accepted');
  });

  it.each<[string, RuleDraft, readonly EarningRule[], object]>([
    ['a wallet that is not there', draft('A', { wallet: 'gold' }), [], { code: 'unknown_wallet' }],
    [
      'an end before its beginning',
      draft('A', { validFrom: later(2), validTo: later(2) }),
      [],
      { code: 'valid_to_before_valid_from' },
    ],
    [
      'a start before that of a version that has not begun',
      draft('A', { validFrom: later(2) }),
      [version('A', 1), version('A', 2, { validFrom: later(3) })],
      { code: 'scheduled_version_exists', version: 2, validFrom: later(3) },
    ],
    [
      'no start while a version has not begun',
      draft('A'),
      [version('A', 1, { validFrom: later(3) }), version('A', 2, { validFrom: later(5) })],
      { code: 'scheduled_version_exists', version: 1, validFrom: later(3) },
    ],
    [
      'another wallet than before',
      draft('A', { wallet: 'cashback-jpy' }),
      [version('A', 1)],
      { code: 'wallet_changed', wallet: 'points' },
    ],
    [
      'another trigger than before',
      draft('A', { ...REVIEW, reward: FIXED }),
      [version('A', 1, { reward: FIXED })],
      { code: 'rule_kind_changed', trigger: { kind: 'purchase' } },
    ],
    [
      'another activity than before',
      draft('A', { trigger: { kind: 'engagement', activity: 'share' }, reward: FIXED }),
      [version('A', 1, { ...REVIEW, reward: FIXED })],
      { code: 'rule_kind_changed', trigger: REVIEW.trigger },
    ],
    [
      'a version of an ended rule',
      draft('A'),
      [version('A', 1), version('A', 2, { state: 'ended', validFrom: later(-1) })],
      { code: 'rule_ended', endedAt: later(-1) },
    ],
    [
      'a base rate for an engagement',
      draft('A', REVIEW),
      [],
      { code: 'reward_not_for_trigger', reward: 'base_rate', trigger: 'engagement', allowed: ['fixed'] },
    ],
    [
      'cashback for an engagement',
      draft('A', { ...REVIEW, reward: { kind: 'cashback', percent_bp: 300 } }),
      [],
      { code: 'reward_not_for_trigger', reward: 'cashback' },
    ],
    [
      'a multiplier for an engagement',
      draft('A', { ...REVIEW, ...double('best') }),
      [],
      { code: 'reward_not_for_trigger', reward: 'multiplier' },
    ],
    [
      'lines of an engagement',
      draft('A', { ...REVIEW, reward: FIXED, lineFilter: { skus: ['x'] } }),
      [],
      { code: 'purchase_only', property: 'line_filter' },
    ],
    [
      'money of an engagement',
      draft('A', { ...REVIEW, reward: FIXED, minimumEligible: 1 }),
      [],
      { code: 'purchase_only', property: 'minimum_eligible_minor' },
    ],
    [
      'inactivity of its own',
      draft('A', { expiry: { kind: 'inactivity', count: 12, unit: 'month', round_to: 'none' } }),
      [],
      { code: 'expiry_belongs_to_wallet' },
    ],
    [
      'a second condition that cannot be read',
      draft('A', {
        conditions: [
          { label: 'web', labelJa: undefined, expression: 'order.channel == "web"' },
          { label: 'slip', labelJa: undefined, expression: 'order.chanel == "web"' },
        ],
      }),
      [],
      { code: 'condition_invalid', index: 1, detail: expect.stringContaining('order has no chanel') },
    ],
    [
      'a condition on an order in an engagement rule',
      draft('A', {
        ...REVIEW,
        reward: FIXED,
        conditions: [{ label: 'web', labelJa: undefined, expression: 'order.channel == "web"' }],
      }),
      [],
      { code: 'condition_invalid', index: 0 },
    ],
    [
      'another mode in a group',
      draft('B', double('best')),
      [version('A', 1, double('additive'))],
      { code: 'group_mode_conflict', group: 'weekend', mode: 'additive', rule: 'A' },
    ],
    [
      'another mode in a group of a paused rule',
      draft('B', double('best')),
      [version('A', 1, { ...double('additive'), state: 'paused' })],
      { code: 'group_mode_conflict' },
    ],
    [
      'another mode in a group of a rule that begins before this one ends',
      draft('B', { ...double('best'), validTo: later(10) }),
      [version('A', 1, { ...double('additive'), validFrom: later(9) })],
      { code: 'group_mode_conflict' },
    ],
    [
      'cashback beside points per money',
      draft('B', { reward: { kind: 'cashback', percent_bp: 300 } }),
      [version('A', 1)],
      { code: 'wallet_mixed', wallet: 'points', rule: 'A' },
    ],
    [
      'points per money beside cashback',
      draft('B', { wallet: 'cashback-jpy' }),
      [version('A', 1, { wallet: 'cashback-jpy', reward: { kind: 'cashback', percent_bp: 300 } })],
      { code: 'wallet_mixed', wallet: 'cashback-jpy', rule: 'A' },
    ],
  ])('is refused with %s', (_, given, versions, expected) => {
    expect(refusal(given, book(versions))).toMatchObject(expected);
  });

  it.each<[string, RuleDraft, readonly EarningRule[]]>([
    ['the same mode in a group', draft('B', double('additive')), [version('A', 1, double('additive'))]],
    ['another group', draft('B', double('best', 'tier')), [version('A', 1, double('additive'))]],
    ['a new mode of its own', draft('A', double('best')), [version('A', 1, double('additive'))]],
    [
      'a mode of a rule that has ended',
      draft('B', double('best')),
      [version('A', 1, double('additive')), version('A', 2, { ...double('additive'), state: 'ended' })],
    ],
    [
      'a mode of a rule that is over when it begins',
      draft('B', { ...double('best'), validFrom: later(5) }),
      [version('A', 1, { ...double('additive'), validTo: later(5) })],
    ],
    [
      'a mode of a version that gives way before it begins',
      draft('B', { ...double('best'), validFrom: later(5) }),
      [version('A', 1, double('additive')), version('A', 2, { validFrom: later(5) })],
    ],
    [
      'a mode of a rule that begins when it is over',
      draft('B', { ...double('best'), validTo: later(9) }),
      [version('A', 1, { ...double('additive'), validFrom: later(9) })],
    ],
    [
      'cashback in a wallet of its own',
      draft('B', { wallet: 'cashback-jpy', reward: { kind: 'cashback', percent_bp: 300 } }),
      [version('A', 1)],
    ],
    [
      'a bonus beside cashback',
      draft('B', { wallet: 'cashback-jpy', reward: FIXED }),
      [version('A', 1, { wallet: 'cashback-jpy', reward: { kind: 'cashback', percent_bp: 300 } })],
    ],
    ['a new version of a paused rule', draft('A'), [version('A', 1, { state: 'paused' })]],
    ['another reward than before', draft('A', { reward: FIXED }), [version('A', 1)]],
  ])('is accepted with %s', (_, given, versions) => {
    expect(refusal(given, book(versions))).toBe('accepted');
  });
});

/** Versions after a row of commands, each at its day. */
function after(versions: readonly EarningRule[], commands: readonly (readonly [StateCommand, number])[]) {
  return commands.reduce<readonly EarningRule[]>((known, [command, day]) => {
    const decision = decideRuleState('A', command, book(known, { now: later(day) }));
    if (!decision.accepted) throw new Error(decision.rejection.code);
    return [...known, decision.value];
  }, versions);
}

describe('the state of a rule', () => {
  const inForce = (versions: readonly EarningRule[], day: number): (number | string)[] =>
    rulesAt(versions, later(day)).map(({ version: number }) => number);

  it('changes at that instant, and never for what occurred before', () => {
    const versions = after(
      [version('A', 1)],
      [
        ['pause', 0],
        ['resume', 2],
        ['end', 4],
      ],
    );
    expect([-1, 0, 1, 2, 3, 4, 5].map((day) => inForce(versions, day))).toEqual([
      [1],
      [],
      [],
      [3],
      [3],
      [],
      [],
    ]);
    expect(rulesAt(versions, instant(now - 1))).toHaveLength(1);
    expect(versions.map(({ state }) => state)).toEqual(['active', 'paused', 'active', 'ended']);
  });

  it('is changed with the content of the version in force; one that had not begun gives way', () => {
    const scheduled = version('A', 2, { label: 'better', validFrom: later(3) });
    const versions = after(
      [version('A', 1), scheduled],
      [
        ['pause', 0],
        ['resume', 1],
      ],
    );
    expect(versions.slice(2)).toMatchObject([
      { version: 3, label: 'A', state: 'paused' },
      { version: 4, label: 'A', state: 'active' },
    ]);
    expect(inForce(versions, 5)).toEqual([4]);
  });

  it('keeps the end of its validity', () => {
    const versions = after(
      [version('A', 1, { validTo: later(9) })],
      [
        ['pause', 0],
        ['resume', 1],
      ],
    );
    expect(inForce(versions, 8)).toEqual([3]);
    expect(inForce(versions, 9)).toEqual([]);
    expect(standingOf(versions, 'A', later(9))).toEqual({ standing: 'over', version: 3 });
  });

  it.each<[string, StateCommand, readonly EarningRule[], object]>([
    ['what is not there', 'pause', [], { code: 'unknown_rule' }],
    ['what has ended', 'end', [version('A', 1, { state: 'ended' })], { code: 'rule_ended' }],
    ['a pause of what has ended', 'pause', [version('A', 1, { state: 'ended' })], { code: 'rule_ended' }],
    [
      'a pause of what is paused',
      'pause',
      [version('A', 1, { state: 'paused' })],
      { code: 'already_paused' },
    ],
    ['going on with what runs', 'resume', [version('A', 1)], { code: 'not_paused' }],
    ['a pause of what is over', 'pause', [version('A', 1, { validTo: now })], { code: 'rule_over' }],
    [
      'a pause of what has not begun',
      'pause',
      [version('A', 1, { validFrom: later(1) })],
      { code: 'not_begun', validFrom: later(1) },
    ],
    [
      'going on beside a group of another mode',
      'resume',
      [version('A', 1, { ...double('best'), state: 'paused' }), version('B', 1, double('additive'))],
      { code: 'group_mode_conflict', rule: 'B' },
    ],
  ])('refuses %s', (_, command, versions, expected) => {
    const decision = decideRuleState('A', command, book(versions));
    expect(decision.accepted ? decision.value : decision.rejection).toMatchObject(expected);
  });

  it('ends what has not begun, and what is over', () => {
    for (const only of [version('A', 1, { validFrom: later(1) }), version('A', 1, { validTo: later(-1) })]) {
      const versions = after([only], [['end', 0]]);
      expect(inForce(versions, 2)).toEqual([]);
      expect(standingOf(versions, 'A', now).standing).toBe('ended');
    }
  });

  it.each([
    ['scheduled', version('A', 1, { validFrom: later(1) }), undefined],
    ['active', version('A', 1), 1],
    ['paused', version('A', 1, { state: 'paused' }), 1],
    ['ended', version('A', 1, { state: 'ended' }), 1],
    ['over', version('A', 1, { validTo: later(-1) }), 1],
  ])('stands as %s', (standing, only, number) => {
    expect(standingOf([only], 'A', now)).toEqual({ standing, version: number });
  });
});
