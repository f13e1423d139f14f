import {
  BASE,
  earn,
  perHundred,
  rule,
  TEA,
  tea,
  times,
  type Basket,
  type EarnOptions,
} from '../testing/earning.js';
import type { EarningRule } from './earning-rule.js';
import { outcomeWords } from './outcome-words.js';
import { HARD_LIMIT } from './program-rules.js';
import type { OutcomeReason } from './rule-outcome.js';

const order: Basket = { lines: [tea(1980), { unit_price_minor: 3500 }] };
const conditional = (expression: string) =>
  rule('X', {
    label: 'Spring',
    labelJa: '春',
    conditions: [{ label: 'in a store', labelJa: '店舗', expression }],
  });
const usage: EarnOptions = { usage: { X: { awards: 1, units: 90n } } };

function words(rules: readonly EarningRule[], basket: Basket = order, options: EarnOptions = {}, code = 'X') {
  const { outcomes } = earn(basket, rules, options);
  const outcome = outcomes.find((one) => one.rule.code === code);
  if (!outcome) throw new Error(`${code} has no outcome`);
  return outcomeWords(outcome, basket.currency ?? 'JPY');
}

describe('what was given, in words', () => {
  it.each<[string, EarningRule, string, string]>([
    ['a rate', rule('X'), 'X: 54 points, 1 per ¥100 of ¥5,480.', 'X:54 points、¥5,480に対し¥100ごとに1。'],
    [
      'whole steps',
      rule('X', {
        reward: {
          kind: 'base_rate',
          accrual: 'per_step',
          rates: [{ currency: 'JPY', units: 2, per_minor: 200 }],
        },
      }),
      'X: 54 points, 2 per full ¥200 of ¥5,480.',
      'X:54 points、¥5,480に対し¥200の満額ごとに2。',
    ],
    [
      'a fixed bonus',
      rule('X', { reward: { kind: 'fixed', units: 1_200 } }),
      'X: 1,200 points, a fixed amount.',
      'X:1,200 points(定額)。',
    ],
    [
      'one unit',
      rule('X', { reward: { kind: 'fixed', units: 1 } }),
      'X: 1 point, a fixed amount.',
      'X:1 point(定額)。',
    ],
    [
      'one unit of a wallet that only sounds like many',
      rule('X', { wallet: 'bonus', reward: { kind: 'fixed', units: 1 } }),
      'X: 1 bonus, a fixed amount.',
      'X:1 bonus(定額)。',
    ],
    [
      'cashback',
      rule('X', { wallet: 'cashback', reward: { kind: 'cashback', percent_bp: 250 } }),
      'X: 137 cashback, 2.5% of ¥5,480.',
      'X:137 cashback、¥5,480の2.5%。',
    ],
    [
      'a multiplier',
      rule('X', { reward: times(1.25, 'tier') }),
      'X: 14 points, 1.25× on ¥5,480, what it adds to the base.',
      'X:14 points、¥5,480が1.25倍(基本分への上乗せ)。',
    ],
  ])('%s', (_, given, en, ja) => {
    // Japanese writes the sign in full width.
    const yen = (text: string) => text.replaceAll('\uffe5', '¥');
    const found = words([...(given.reward.kind === 'multiplier' ? [BASE] : []), given]);
    expect({ en: found.en, ja: yen(found.ja) }).toEqual({ en, ja });
  });

  it('writes money with the decimals of its currency', () => {
    const kwd = rule('X', {
      reward: { kind: 'base_rate', rates: [{ currency: 'KWD', units: 1, per_minor: 250 }] },
    });
    expect(words([kwd], { currency: 'KWD', lines: [tea(12345)] }).en).toMatch(
      /1 per KWD.0\.250 of KWD.12\.345\.$/,
    );
  });
});

describe('why nothing was given, in words', () => {
  const texts: Record<OutcomeReason['code'], [ReturnType<typeof words>, string]> = {
    condition_not_met: [
      words([conditional('order.channel == "store"')]),
      'Spring: nothing, because “in a store” does not hold.',
    ],
    rule_failed: [
      words([conditional('order.attributes.x > 1')]),
      'Spring: nothing, because “in a store” could not be evaluated.',
    ],
    no_line_matched: [
      words([rule('X', { lineFilter: { skus: ['none'] } })]),
      'X: nothing, because no line of the order is among its goods.',
    ],
    nothing_eligible: [
      words([rule('X')], { lines: [tea(500, { kind: 'gift_card' })] }),
      'X: nothing, because nothing that was paid for it can earn.',
    ],
    below_minimum: [
      words([rule('X', { minimumEligible: 10_000 })]),
      'X: nothing, because the order counts ¥5,480 and ¥10,000 is needed.',
    ],
    currency_not_covered: [
      words([rule('X')], { ...order, currency: 'USD' }),
      'X: nothing, because it has no rate for USD.',
    ],
    rounds_to_zero: [
      words([rule('X')], { lines: [tea(99)] }),
      'X: nothing, because it comes to less than one unit.',
    ],
    beaten: [
      words([
        BASE,
        rule('X', { reward: times(2, 'g', 'best') }),
        rule('Y', { reward: times(3, 'g', 'best') }),
      ]),
      'X: nothing, because Y counts instead.',
    ],
    cap_reached: [
      words([rule('X', { cap: { awards: 1 } })], order, usage),
      "X: nothing, because the month's limit of 1 award is used up.",
    ],
    cap_partly: [
      words([rule('X', { cap: { units: 100 } })], order, usage),
      "X: 10 points, 1 per ¥100 of ¥5,480; that is what was left of the month's limit of 100 units, instead of 54.",
    ],
    amount_over_limit: [
      words([rule('X')], order, { settings: { maxAward: 50 } }),
      'X: nothing yet, because 54 is more than the 50 that one award may be.',
    ],
  };

  it.each(Object.entries(texts))('%s', (_, [found, en]) => {
    expect(found.en).toBe(en);
    expect(found.ja).toMatch(/^(X|春):.*[\p{Script=Hiragana}].*。$/u);
  });

  it('is true of what is left where a rule gives all or nothing', () => {
    const capped = rule('X', { cap: { units: 50, all_or_nothing: true } });
    const of = (units: bigint) => words([capped], order, { usage: { X: { awards: 1, units } } });
    expect(of(40n).en).toBe(
      'X: nothing, because 10 of 50 are left in the month, 54 would be needed, and the rule gives all or nothing.',
    );
    expect(of(49n).en).toMatch(/1 of 50 is left/);
    expect(of(40n).ja).toBe(
      'X:月の上限50のうち残りは10で、必要な54に足りず、一部だけの付与は行わないため、付与はありません。',
    );
    expect(of(50n).en).toBe("X: nothing, because the month's limit of 50 units is used up.");
  });

  it('waits for nothing where no release can help', () => {
    const { en, ja } = words([rule('X', { reward: { kind: 'fixed', units: 1_500_000_000 } })], order, {
      settings: { maxAward: HARD_LIMIT },
    });
    expect(en).toBe(
      'X: nothing, because 1,500,000,000 is more than the 1,000,000,000 that any award may be.',
    );
    expect(ja).toBe('X:1,500,000,000は付与できる最大の1,000,000,000を超えるため、付与はありません。');
  });

  it('names a rule in English where it has no Japanese name', () =>
    expect(words([{ ...TEA, code: 'X', label: 'Tea', reward: perHundred }]).ja).toMatch(/^Tea:/));
});
