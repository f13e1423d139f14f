import { add, apportion, fraction, round, ZERO, type Fraction, type Rounding } from '@kizuna/kernel';
import type { LineBase } from './eligible-base.js';
import {
  byChainOrder,
  matchesLine,
  type BaseRate,
  type EarningRule,
  type FilteredLine,
  type Rate,
} from './earning-rule.js';

export interface EarningSettings {
  readonly rounding: Rounding;
  /** An award above it is not granted. */
  readonly maxAward: number;
}

export interface EarningPurchase {
  readonly currency: string;
  readonly lines: readonly FilteredLine[];
}

/** Why a rule that looked at the purchase gave nothing. */
export type NoAwardReason =
  'no_line_matched' | 'nothing_eligible' | 'currency_not_covered' | 'rounds_to_zero' | 'amount_over_limit';

/** What one rule made of a purchase, with everything that explains it. */
export interface RuleOutcome {
  readonly rule: EarningRule;
  /** Units; 0 with a `reason`. */
  readonly amount: bigint;
  /** Units per purchase line, in line order; they sum to `amount`. */
  readonly lines: readonly bigint[];
  /** Indexes of the lines that this rule counted. */
  readonly countedLines: readonly number[];
  readonly rate: Rate | undefined;
  /** Exact units of this rule before rounding. */
  readonly exact: Fraction;
  readonly reason: NoAwardReason | undefined;
}

/**
 * Decides the base awards of one purchase. Every line earns at ONE base rule per wallet: the first in chain order that
 * matches it. Rounding is cumulative along the chain of a wallet: award = R(sum up to and with the rule) − R(sum before
 * it), so an award never depends on a rule behind it. An award is spread over its lines by largest remainder.
 */
export function decideAwards(
  purchase: EarningPurchase,
  bases: readonly LineBase[],
  rules: readonly EarningRule[],
  settings: EarningSettings,
): RuleOutcome[] {
  const baseRates = rules.filter(isBaseRate);
  const wallets = [...new Set(baseRates.map(({ wallet }) => wallet))].sort();
  return wallets.flatMap((wallet) => {
    const chain = baseRates.filter((rule) => rule.wallet === wallet).sort(byChainOrder);
    return decideChain(purchase, bases, chain, settings);
  });
}

type BaseRule = EarningRule & { readonly reward: BaseRate };

const isBaseRate = (rule: EarningRule): rule is BaseRule =>
  rule.trigger.kind === 'purchase' && rule.reward.kind === 'base_rate';

function decideChain(
  purchase: EarningPurchase,
  bases: readonly LineBase[],
  chain: readonly BaseRule[],
  { rounding, maxAward }: EarningSettings,
): RuleOutcome[] {
  const ruleOfLine = purchase.lines.map((line) =>
    chain.find(({ lineFilter }) => matchesLine(lineFilter, line)),
  );
  let before = ZERO;
  return chain.map((rule) => {
    const countedLines = ruleOfLine.flatMap((chosen, i) => (chosen === rule ? [i] : []));
    const rate = rule.reward.rates.find(({ currency }) => currency === purchase.currency);
    const weights = bases.map(({ eligible }, i) =>
      rate && ruleOfLine[i] === rule ? eligible * BigInt(rate.units) : 0n,
    );
    const exact = fraction(
      weights.reduce((a, b) => a + b, 0n),
      rate?.per_minor ?? 1,
    );
    const after = add(before, exact);
    const amount = round(after, rounding) - round(before, rounding);
    before = after;

    const reason = reasonFor({ countedLines, rate, exact, amount, maxAward });
    const granted = reason ? 0n : amount;
    return { rule, rate, exact, reason, countedLines, amount: granted, lines: apportion(granted, weights) };
  });
}

function reasonFor(outcome: {
  readonly countedLines: readonly number[];
  readonly rate: Rate | undefined;
  readonly exact: Fraction;
  readonly amount: bigint;
  readonly maxAward: number;
}): NoAwardReason | undefined {
  if (outcome.countedLines.length === 0) return 'no_line_matched';
  if (!outcome.rate) return 'currency_not_covered';
  if (outcome.exact.numerator === 0n) return 'nothing_eligible';
  if (outcome.amount === 0n) return 'rounds_to_zero';
  if (outcome.amount > BigInt(outcome.maxAward)) return 'amount_over_limit';
  return undefined;
}
