import { fraction } from '@kizuna/kernel';
import { byChainOrder, type EarningRule } from './earning-rule.js';
import { conditionReason, limited, noAward, type Circumstances, type RuleOutcome } from './rule-outcome.js';

/** What the rules for one activity make of an engagement: fixed units, cut by their caps. */
export function decideEngagement(
  activity: string,
  rules: readonly EarningRule[],
  given: Circumstances,
): RuleOutcome[] {
  return rules
    .filter(({ trigger }) => trigger.kind === 'engagement' && trigger.activity === activity)
    .sort(byChainOrder)
    .flatMap((rule) => {
      const unmet = conditionReason(given.answerOf(rule));
      if (unmet) return [noAward(rule, 0, unmet)];
      // The door lets an engagement rule have nothing but fixed units.
      if (rule.reward.kind !== 'fixed') return [];
      const amount = BigInt(rule.reward.units);
      const uncut = {
        rule,
        amount,
        lines: [],
        countedLines: [],
        eligible: 0n,
        rate: undefined,
        exact: fraction(amount),
        reason: undefined,
      };
      return [limited(uncut, [], given)];
    });
}
