import { apportion, ZERO, type Fraction } from '@kizuna/kernel';
import { UNUSED, withinCap, type CapUsage } from './cap.js';
import type { Cap, Condition, EarningRule, Rate } from './earning-rule.js';

interface OfCondition {
  /** The first one that stands in the way. */
  readonly condition: Condition;
}

interface OfCap {
  readonly cap: Cap;
  readonly used: CapUsage;
  /** What it would have been without the cap. */
  readonly uncapped: bigint;
}

/** Why a rule that was in force gave nothing, or (`cap_partly`) less: a closed list, each with the facts that explain it. */
export type OutcomeReason =
  | ({ readonly code: 'condition_not_met' } & OfCondition)
  | ({ readonly code: 'rule_failed' } & OfCondition)
  | { readonly code: 'no_line_matched' }
  | { readonly code: 'nothing_eligible' }
  | { readonly code: 'below_minimum'; readonly eligible: bigint; readonly minimum: bigint }
  | { readonly code: 'currency_not_covered'; readonly currency: string }
  | { readonly code: 'rounds_to_zero' }
  | { readonly code: 'beaten'; readonly by: string }
  | ({ readonly code: 'cap_reached' } & OfCap)
  | ({ readonly code: 'cap_partly' } & OfCap)
  | { readonly code: 'amount_over_limit'; readonly uncapped: bigint; readonly limit: bigint };

/** What one rule made of a purchase or an engagement, with everything that explains it. */
export interface RuleOutcome {
  readonly rule: EarningRule;
  /** Units; 0 with every `reason` but `cap_partly`. */
  readonly amount: bigint;
  /** Units per purchase line, in line order; they sum to `amount`, or are all 0: a fixed bonus belongs to no line. */
  readonly lines: readonly bigint[];
  /** Indexes of the lines that this rule counted. */
  readonly countedLines: readonly number[];
  /** Eligible money of the lines that it counted. */
  readonly eligible: bigint;
  readonly rate: Rate | undefined;
  /** Exact units of this rule before rounding. */
  readonly exact: Fraction;
  readonly reason: OutcomeReason | undefined;
}

/** Whether all conditions of a rule hold; if not, the first that does not, or that cannot be evaluated. */
export type ConditionAnswer = 'met' | { readonly failed: Condition } | { readonly ruleFailed: Condition };

/** What is known besides the event itself. */
export interface Circumstances {
  readonly answerOf: (rule: EarningRule) => ConditionAnswer;
  /** What the rule has given the member in the month of the event, as it is known when deciding. */
  readonly usageOf: (rule: EarningRule) => CapUsage;
  /** An award above it is not granted. */
  readonly maxAward: number;
}

/** The first condition that stands in the way, if any. */
export function conditionReason(answer: ConditionAnswer): OutcomeReason | undefined {
  if (answer === 'met') return undefined;
  return 'failed' in answer
    ? { code: 'condition_not_met', condition: answer.failed }
    : { code: 'rule_failed', condition: answer.ruleFailed };
}

export function noAward(rule: EarningRule, lines: number, reason: OutcomeReason): RuleOutcome {
  return {
    rule,
    reason,
    amount: 0n,
    lines: Array.from({ length: lines }, () => 0n),
    countedLines: [],
    eligible: 0n,
    rate: undefined,
    exact: ZERO,
  };
}

/**
 * Cuts what a rule would give by its cap, then by the limit of one award. What is cut is spread over the lines anew; what
 * belongs to no line stays so.
 */
export function limited(
  uncut: RuleOutcome,
  weights: readonly bigint[],
  { usageOf, maxAward }: Pick<Circumstances, 'usageOf' | 'maxAward'>,
): RuleOutcome {
  if (uncut.reason) return uncut;
  const { rule, amount: uncapped } = uncut;
  const { cap } = rule;
  const used = cap ? usageOf(rule) : UNUSED;
  const granted = withinCap(uncapped, cap, used);
  const none = uncut.lines.map(() => 0n);
  if (cap && granted === 0n)
    return { ...uncut, amount: 0n, lines: none, reason: { code: 'cap_reached', cap, used, uncapped } };
  if (granted > BigInt(maxAward)) {
    const reason = { code: 'amount_over_limit', uncapped, limit: BigInt(maxAward) } as const;
    return { ...uncut, amount: 0n, lines: none, reason };
  }
  if (!cap || granted === uncapped) return uncut;
  return {
    ...uncut,
    amount: granted,
    lines: apportion(granted, weights),
    reason: { code: 'cap_partly', cap, used, uncapped },
  };
}
