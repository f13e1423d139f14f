import { fraction, ZERO, type Fraction, type Rounding } from '@kizuna/kernel';
import { baseUnits, isBaseRule, type Candidate, type RoundingScope } from './base-units.js';
import { bonusUnits } from './bonus-units.js';
import { byChainOrder, matchesLine, type EarningRule, type FilteredLine, type Rate } from './earning-rule.js';
import type { LineBase } from './eligible-base.js';
import { sum, together, total, type LineUnits } from './line-units.js';
import { RoundingChain } from './rounding-chain.js';
import {
  conditionReason,
  limited,
  noAward,
  type Circumstances,
  type OutcomeReason,
  type RuleOutcome,
} from './rule-outcome.js';

export interface EarningSettings {
  readonly rounding: Rounding;
  readonly roundingScope: RoundingScope;
  /** Multipliers work on the exact base, or on the base awards as they were rounded. */
  readonly bonusFrom: 'exact' | 'rounded_base';
  /** Of the program: what cashback is counted in. */
  readonly currency: string;
}

export interface EarningPurchase {
  readonly currency: string;
  readonly lines: readonly FilteredLine[];
}

interface Basket extends EarningPurchase {
  readonly eligible: readonly bigint[];
}

/**
 * Decides the awards of one purchase, each wallet by itself (semantics, "Earning pipeline"): one base rate per line, then
 * the multipliers by group, rounded along one chain; fixed bonuses stand outside the chain. Caps and the limit of one award
 * cut what a rule gives and change nothing for the rules behind it.
 *
 * @param rules those in force for purchases
 * @returns one outcome per rule, whether it gave something or not
 */
export function decideAwards(
  purchase: EarningPurchase,
  bases: readonly LineBase[],
  rules: readonly EarningRule[],
  settings: EarningSettings,
  given: Circumstances,
): RuleOutcome[] {
  const basket = { ...purchase, eligible: bases.map(({ eligible }) => eligible) };
  const ofWallet = Map.groupBy(rules, ({ wallet }) => wallet);
  return [...ofWallet.keys()]
    .sort()
    .flatMap((wallet) => decideWallet(basket, ofWallet.get(wallet) ?? [], settings, given));
}

function decideWallet(
  basket: Basket,
  rules: readonly EarningRule[],
  settings: EarningSettings,
  given: Circumstances,
): RuleOutcome[] {
  const count = basket.lines.length;
  const candidates: Candidate[] = [];
  const out: RuleOutcome[] = [];
  for (const rule of rules) {
    const matched = basket.lines.flatMap((line, i) => (matchesLine(rule.lineFilter, line) ? [i] : []));
    const reason = obstacleOf(rule, matched, basket, settings.currency, given);
    if (reason) out.push(noAward(rule, count, reason));
    else candidates.push({ rule, matched });
  }
  return [
    ...chainOutcomes(basket, candidates, settings, given),
    ...fixedOutcomes(basket, candidates, given),
    ...out.sort((a, b) => byChainOrder(a.rule, b.rule)),
  ];
}

/** What keeps a rule from looking at the money. A rule that is kept out takes no line from another. */
function obstacleOf(
  rule: EarningRule,
  matched: readonly number[],
  { eligible, currency }: Basket,
  programCurrency: string,
  { answerOf }: Circumstances,
): OutcomeReason | undefined {
  const unmet = conditionReason(answerOf(rule));
  if (unmet) return unmet;
  if (matched.length === 0) return { code: 'no_line_matched' };
  if (rule.minimumEligible === undefined) return undefined;
  // A base rule names its currencies itself; of another the minimum is money of the program.
  if (!isBaseRule(rule) && currency !== programCurrency) return { code: 'currency_not_covered', currency };
  // Of the whole order, whatever the filter: it is what a refund compares with again.
  const minimum = BigInt(rule.minimumEligible);
  const whole = sum(eligible);
  return whole < minimum ? { code: 'below_minimum', eligible: whole, minimum } : undefined;
}

function chainOutcomes(
  basket: Basket,
  candidates: readonly Candidate[],
  settings: EarningSettings,
  given: Circumstances,
): RuleOutcome[] {
  const { rounding, roundingScope: scope, bonusFrom } = settings;
  const count = basket.lines.length;
  const chain = new RoundingChain(rounding, scope, count);
  const bases = baseUnits(candidates, { ...basket, programCurrency: settings.currency, scope });
  const awards = bases.map((base) => ({ base, rounded: chain.next(base.units) }));
  const baseOutcomes = awards.map(({ base, rounded }) => {
    const reason = base.beatenBy === undefined && !base.rate ? notCovered(basket) : undefined;
    return outcomeOf(basket, { ...base, ...rounded }, reason, given);
  });

  // Most orders meet no multiplier: what it would work on is not worth making then.
  if (!candidates.some(({ rule }) => rule.reward.kind === 'multiplier')) return baseOutcomes;
  let base = together(
    bases.map(({ units }) => units),
    count,
  );
  if (bonusFrom === 'rounded_base') {
    base = together(
      awards.map(({ rounded }) => ({ numerators: rounded.lines, denominator: 1n })),
      count,
    );
    chain.settle();
  }
  const bonuses = bonusUnits(candidates, base).map((bonus) =>
    outcomeOf(basket, { ...bonus, rate: undefined, ...chain.next(bonus.units) }, undefined, given),
  );
  return [...baseOutcomes, ...bonuses];
}

const notCovered = ({ currency }: Basket): OutcomeReason => ({ code: 'currency_not_covered', currency });

interface Granted extends Candidate {
  readonly countedLines: readonly number[];
  readonly beatenBy: string | undefined;
  readonly rate: Rate | undefined;
  readonly units: LineUnits;
  readonly amount: bigint;
  readonly lines: readonly bigint[];
}

function outcomeOf(
  { eligible }: Basket,
  { rule, countedLines, beatenBy, rate, units, amount, lines }: Granted,
  obstacle: OutcomeReason | undefined,
  given: Circumstances,
): RuleOutcome {
  const exact = total(units);
  const money = sum(countedLines.map((line) => eligible[line] ?? 0n));
  const reason =
    beatenBy === undefined
      ? (obstacle ?? smallness(rule, { exact, amount, money }))
      : ({ code: 'beaten', by: beatenBy } as const);
  const uncut = {
    rule,
    rate,
    exact,
    reason,
    countedLines,
    eligible: money,
    amount: reason ? 0n : amount,
    lines: reason ? lines.map(() => 0n) : lines,
  };
  return limited(uncut, units.numerators, given);
}

/** Money of which not one whole step is full rounds to zero; where there is no money, there is nothing to round. */
function smallness(
  rule: EarningRule,
  { exact, amount, money }: { readonly exact: Fraction; readonly amount: bigint; readonly money: bigint },
): OutcomeReason | undefined {
  if (exact.numerator === 0n && (money === 0n || !isBaseRule(rule))) return { code: 'nothing_eligible' };
  return amount === 0n ? { code: 'rounds_to_zero' } : undefined;
}

/** Whole units that belong to no line. An order of which nothing may earn, like that of a gift card, gives none of them. */
function fixedOutcomes(
  { eligible }: Basket,
  candidates: readonly Candidate[],
  given: Circumstances,
): RuleOutcome[] {
  const fixed = candidates.filter(({ rule }) => rule.reward.kind === 'fixed');
  return fixed
    .sort((a, b) => byChainOrder(a.rule, b.rule))
    .map(({ rule, matched }) => {
      const money = sum(matched.map((line) => eligible[line] ?? 0n));
      const units = rule.reward.kind === 'fixed' && money > 0n ? BigInt(rule.reward.units) : 0n;
      const none = eligible.map(() => 0n);
      const reason = money === 0n ? ({ code: 'nothing_eligible' } as const) : undefined;
      const uncut = {
        rule,
        reason,
        eligible: money,
        countedLines: matched,
        rate: undefined,
        exact: units === 0n ? ZERO : fraction(units),
        amount: units,
        lines: none,
      };
      return limited(uncut, none, given);
    });
}
