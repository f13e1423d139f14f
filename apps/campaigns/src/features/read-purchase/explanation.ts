import type { RuleOutcome } from '../../domain/decide-awards.js';
import type { PurchaseRecord } from '../../storage/purchases.query.js';

/** Why a rule gave what it gave, as data. Money in minor units of the purchase's currency. */
export function explanationBody(outcome: RuleOutcome, { lines }: PurchaseRecord, rounding: string): object {
  const { rule, rate, exact, countedLines, reason } = outcome;
  const counted = countedLines.map((index) => {
    const [line_id = '', paid_minor = 0, eligible_minor = 0] = lines?.[index] ?? [];
    return { line_id, paid_minor, eligible_minor, units: Number(outcome.lines[index] ?? 0n) };
  });
  return {
    rule: rule.code,
    rule_version: rule.version,
    label: rule.label,
    wallet: rule.wallet,
    amount: Number(outcome.amount),
    ...(reason ? { reason } : {}),
    rate: rate ?? null,
    rounding,
    exact_units: `${exact.numerator}/${exact.denominator}`,
    eligible_minor: counted.reduce((sum, line) => sum + line.eligible_minor, 0),
    lines: counted,
    lines_not_counted: (lines ?? [])
      .filter((_, index) => !countedLines.includes(index))
      .map(([line_id]) => line_id),
  };
}
