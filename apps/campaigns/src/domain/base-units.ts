import { byChainOrder, type EarningRule, type Rate } from './earning-rule.js';
import {
  exactUnits,
  nothing,
  shareOfMoney,
  stepUnits,
  stepUnitsPerLine,
  type LineUnits,
} from './line-units.js';

export type RoundingScope = 'order' | 'line';

/** A rule that may count, with the lines that its filter lets through. */
export interface Candidate {
  readonly rule: EarningRule;
  readonly matched: readonly number[];
}

/** What a base rule makes of the lines that are its own. */
export interface BaseUnits extends Candidate {
  readonly countedLines: readonly number[];
  /** undefined: it has no rate for the currency. */
  readonly rate: Rate | undefined;
  readonly units: LineUnits;
  /** The rule that took the first of its lines, where it got none. */
  readonly beatenBy: string | undefined;
}

export interface BaseMoney {
  readonly currency: string;
  /** Of the program: what cashback is counted in. */
  readonly programCurrency: string;
  readonly eligible: readonly bigint[];
  readonly scope: RoundingScope;
}

export const isBaseRule = ({ reward }: EarningRule): boolean =>
  reward.kind === 'base_rate' || reward.kind === 'cashback';

/**
 * ONE base rate per line: the first in chain order that matches it. A rule without a rate for the currency still takes its
 * lines: what it covers is marketing's decision, not the currency's.
 */
export function baseUnits(candidates: readonly Candidate[], money: BaseMoney): BaseUnits[] {
  const owners = new Map<number, EarningRule>();
  return candidates
    .filter(({ rule }) => isBaseRule(rule))
    .sort((a, b) => byChainOrder(a.rule, b.rule))
    .map(({ rule, matched }) => {
      const countedLines = matched.filter((line) => !owners.has(line));
      const beatenBy = countedLines.length === 0 ? owners.get(matched[0] ?? -1)?.code : undefined;
      for (const line of countedLines) owners.set(line, rule);
      const rate = rateOf(rule, money);
      const isCounted = new Set(countedLines);
      const eligible = money.eligible.map((value, line) => (isCounted.has(line) ? value : 0n));
      return {
        rule,
        matched,
        countedLines,
        rate,
        beatenBy,
        units: unitsOf(rule, rate, eligible, money.scope),
      };
    });
}

/** Cashback of P basis points is P minor units for every 10,000 of the program's currency. */
function rateOf({ reward }: EarningRule, { currency, programCurrency }: BaseMoney): Rate | undefined {
  if (reward.kind === 'base_rate') return reward.rates.find((rate) => rate.currency === currency);
  if (reward.kind !== 'cashback' || currency !== programCurrency) return undefined;
  return { currency, units: reward.percent_bp, per_minor: 10_000 };
}

function unitsOf(
  { reward }: EarningRule,
  rate: Rate | undefined,
  eligible: readonly bigint[],
  scope: RoundingScope,
): LineUnits {
  if (!rate) return nothing(eligible.length);
  if (reward.kind === 'cashback') return shareOfMoney(eligible, reward.percent_bp);
  if (reward.kind === 'base_rate' && reward.accrual === 'per_step')
    return scope === 'line' ? stepUnitsPerLine(eligible, rate) : stepUnits(eligible, rate);
  return exactUnits(eligible, rate);
}
