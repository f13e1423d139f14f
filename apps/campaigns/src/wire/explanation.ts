import type { Fraction } from '@kizuna/kernel';
import { greatestCommonDivisor } from '../domain/line-units.js';
import type { ReviewReason } from '../domain/order.js';
import { unitsLeft } from '../domain/cap.js';
import { NO_RULE_WORDS, outcomeWords, REVIEW_WORDS } from '../domain/outcome-words.js';
import type { OutcomeReason, RuleOutcome } from '../domain/rule-outcome.js';

/** A line of the purchase with the two amounts that were decided once. Minor units. */
export interface ExplainedLine {
  readonly lineId: string;
  readonly paid: bigint;
  readonly eligible: bigint;
}

export interface ExplainedEvent {
  readonly currency: string;
  readonly rounding: string;
  /** None of an engagement. */
  readonly lines: readonly ExplainedLine[];
}

/** Why a rule gave what it gave, as data and in words. Money in minor units of the purchase's currency. */
export function explanationBody(outcome: RuleOutcome, { currency, rounding, lines }: ExplainedEvent): object {
  const { rule, reason, rate, exact, countedLines } = outcome;
  return {
    rule: rule.code,
    rule_version: rule.version,
    label: rule.label,
    ...(rule.labelJa === undefined ? {} : { label_ja: rule.labelJa }),
    wallet: rule.wallet,
    amount: Number(outcome.amount),
    ...(reason ? { reason: reason.code, ...factsOf(reason) } : {}),
    reward: rule.reward,
    ...(lines.length === 0
      ? {}
      : {
          rate: rate ?? null,
          rounding,
          exact_units: exactText(exact),
          eligible_minor: Number(outcome.eligible),
          lines: countedLines.map((index) => ({
            line_id: lines[index]?.lineId,
            paid_minor: Number(lines[index]?.paid ?? 0n),
            eligible_minor: Number(lines[index]?.eligible ?? 0n),
            units: Number(outcome.lines[index] ?? 0n),
          })),
          lines_not_counted: lines
            .filter((_, index) => !countedLines.includes(index))
            .map(({ lineId }) => lineId),
        }),
    text: outcomeWords(outcome, currency),
  };
}

/** Why nothing was asked of any rule: somebody has to look at the event first. */
export function reviewExplanation(review: ReviewReason): object {
  return { reason: `review_${review}`, text: REVIEW_WORDS[review] };
}

/** Why nothing was given where there was no rule to ask. */
export function noRuleExplanation(reason: keyof typeof NO_RULE_WORDS): object {
  return { reason, text: NO_RULE_WORDS[reason] };
}

function exactText({ numerator, denominator }: Fraction): string {
  const common = greatestCommonDivisor(numerator, denominator);
  return `${numerator / common}/${denominator / common}`;
}

const usage = ({
  used,
  cap,
  uncapped,
}: Extract<OutcomeReason, { code: 'cap_reached' } | { code: 'cap_partly' }>) => ({
  cap,
  used: { awards: used.awards, units: Number(used.units) },
  ...(cap.units === undefined ? {} : { left_units: Number(unitsLeft(cap, used) ?? 0n) }),
  uncapped: Number(uncapped),
});
const condition = ({
  condition: { label, labelJa },
}: Pick<Extract<OutcomeReason, { code: 'rule_failed' }>, 'condition'>) => ({
  condition: { label, ...(labelJa === undefined ? {} : { label_ja: labelJa }) },
});
const nothing = () => ({});

const facts = {
  condition_not_met: condition,
  rule_failed: condition,
  no_line_matched: nothing,
  nothing_eligible: nothing,
  below_minimum: ({ eligible, minimum }: Extract<OutcomeReason, { code: 'below_minimum' }>) => ({
    order_eligible_minor: Number(eligible),
    minimum_eligible_minor: Number(minimum),
  }),
  currency_not_covered: ({ currency }: Extract<OutcomeReason, { code: 'currency_not_covered' }>) => ({
    currency,
  }),
  rounds_to_zero: nothing,
  beaten: ({ by }: Extract<OutcomeReason, { code: 'beaten' }>) => ({ beaten_by: by }),
  cap_reached: usage,
  cap_partly: usage,
  amount_over_limit: ({ uncapped, limit }: Extract<OutcomeReason, { code: 'amount_over_limit' }>) => ({
    uncapped: Number(uncapped),
    limit: Number(limit),
  }),
} satisfies {
  [Code in OutcomeReason['code']]: (reason: Extract<OutcomeReason, { code: Code }>) => object;
};

function factsOf(reason: OutcomeReason): object {
  return facts[reason.code](reason as never);
}
