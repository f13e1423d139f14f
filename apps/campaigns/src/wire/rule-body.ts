import { formatInstant, type Instant } from '@kizuna/kernel';
import type { StoredRule } from '../storage/rule-versions.js';

const instantOrNull = (at: Instant | undefined): string | null =>
  at === undefined ? null : formatInstant(at);

/** A rule version on the wire. What it leaves to the settings of the program is null. */
export function ruleBody(rule: StoredRule, state: StoredRule['state'] | 'scheduled' = rule.state): object {
  const { code, version, label, labelJa, trigger, wallet, priority, conditions, lineFilter } = rule;
  return {
    code,
    version,
    state,
    reason: rule.reason ?? null,
    label,
    ...(labelJa === undefined ? {} : { label_ja: labelJa }),
    trigger: trigger.kind,
    ...(trigger.kind === 'engagement' ? { activity: trigger.activity } : {}),
    wallet,
    priority,
    conditions: conditions.map((condition) => ({
      label: condition.label,
      ...(condition.labelJa === undefined ? {} : { label_ja: condition.labelJa }),
      expression: condition.expression,
    })),
    line_filter: lineFilter,
    minimum_eligible_minor: rule.minimumEligible ?? null,
    reward: rule.reward,
    cap: rule.cap ?? null,
    pending: rule.pending ?? null,
    expiry: rule.expiry ?? null,
    valid_from: formatInstant(rule.validFrom),
    valid_to: instantOrNull(rule.validTo),
    created_at: formatInstant(rule.createdAt),
    created_by: rule.createdBy,
    rule_set_revision: rule.ruleSetRevision,
  };
}
