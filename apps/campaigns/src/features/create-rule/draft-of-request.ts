import { expiryPolicyOf } from '@kizuna/contracts';
import { instant } from '@kizuna/kernel';
import type { RuleDraft } from '../../domain/rule-draft.js';
import type { CreateRuleRequest } from './create-rule.request.js';

/** A valid request as the draft that is decided on. */
export function draftOf(request: CreateRuleRequest): RuleDraft {
  const { code, label, label_ja, wallet, priority, conditions, reward, cap, pending, expiry } = request;
  return {
    code,
    label,
    labelJa: label_ja ?? undefined,
    trigger:
      request.trigger === 'engagement'
        ? { kind: 'engagement', activity: request.activity ?? '' }
        : { kind: 'purchase' },
    wallet,
    priority,
    conditions: conditions.map((condition) => ({
      label: condition.label,
      labelJa: condition.label_ja ?? undefined,
      expression: condition.expression,
    })),
    lineFilter: { ...request.line_filter },
    minimumEligible: request.minimum_eligible_minor ?? undefined,
    reward:
      reward.kind === 'base_rate'
        ? { ...reward, rates: reward.rates.map((rate) => ({ ...rate })) }
        : { ...reward },
    cap: cap ? { ...cap } : undefined,
    pending: pending ? { ...pending } : undefined,
    expiry: expiry ? expiryPolicyOf(expiry) : undefined,
    validFrom: request.valid_from ? instant(request.valid_from) : undefined,
    validTo: request.valid_to ? instant(request.valid_to) : undefined,
  };
}
