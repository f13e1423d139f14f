import { compileCondition, type ConditionRejection } from '@kizuna/rules';
import { accept, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { EarningRule, Reward, Trigger } from './earning-rule.js';

/** A version as somebody wants it, before its number, its beginning and its place among the others are decided. */
export interface RuleDraft extends Omit<EarningRule, 'version' | 'state' | 'validFrom' | 'ruleSetRevision'> {
  /** undefined = as soon as the rules allow. */
  readonly validFrom: Instant | undefined;
}

export type DraftRejection =
  | (ConditionRejection & { readonly index: number })
  | {
      readonly code: 'reward_not_for_trigger';
      readonly reward: Reward['kind'];
      readonly trigger: Trigger['kind'];
      readonly allowed: readonly Reward['kind'][];
    }
  | { readonly code: 'purchase_only'; readonly property: 'line_filter' | 'minimum_eligible_minor' }
  | { readonly code: 'expiry_belongs_to_wallet' };

const REWARDS = {
  purchase: ['base_rate', 'multiplier', 'fixed', 'cashback'],
  engagement: ['fixed'],
} as const satisfies Record<Trigger['kind'], readonly Reward['kind'][]>;

/** Whether a draft means something by itself, whatever other rules there are. */
export function checkDraft(draft: RuleDraft): Decision<RuleDraft, DraftRejection> {
  const { trigger, reward, lineFilter, minimumEligible, expiry } = draft;
  const allowed: readonly Reward['kind'][] = REWARDS[trigger.kind];
  if (!allowed.includes(reward.kind))
    return reject({
      code: 'reward_not_for_trigger',
      reward: reward.kind,
      trigger: trigger.kind,
      allowed,
    });
  if (trigger.kind === 'engagement') {
    // An engagement has no lines and no money: what could never hold is refused instead of never paying.
    if (Object.keys(lineFilter).length > 0) return reject({ code: 'purchase_only', property: 'line_filter' });
    if (minimumEligible !== undefined)
      return reject({ code: 'purchase_only', property: 'minimum_eligible_minor' });
  }
  // Inactivity is counted by the wallet over all its lots, so no rule can bring its own.
  if (expiry?.kind === 'inactivity') return reject({ code: 'expiry_belongs_to_wallet' });

  for (const [index, { expression }] of draft.conditions.entries()) {
    const compiled = compileCondition(expression, trigger.kind);
    if (!compiled.accepted) return reject({ ...compiled.rejection, index });
  }
  return accept(draft);
}
