import type { RuleOutcome } from './rule-outcome.js';

/** How many rules gave nothing because a condition could not be evaluated: somebody has to look at such a rule. */
export const rulesFailed = (outcomes: readonly RuleOutcome[]): number =>
  outcomes.filter(({ reason }) => reason?.code === 'rule_failed').length;
