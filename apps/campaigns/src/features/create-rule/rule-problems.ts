import { formatInstant } from '@kizuna/kernel';
import { Problem } from '@kizuna/service';
import { triggerText, type RuleRejection } from '../../domain/decide-rule-version.js';

type Of<Code extends RuleRejection['code']> = Extract<RuleRejection, { code: Code }>;

const refused = (
  code: string,
  detail: string,
  pointer: string,
  fault: string,
  facts: Readonly<Record<string, unknown>> = {},
): Problem => new Problem(422, code, { detail, errors: [{ pointer, detail: fault }], facts });

const problems = {
  condition_invalid: ({ index, detail }: Of<'condition_invalid'>) =>
    refused('condition_invalid', 'a condition cannot be used', `/conditions/${index}/expression`, detail),
  reward_not_for_trigger: ({ reward, trigger, allowed }: Of<'reward_not_for_trigger'>) =>
    refused(
      'reward_not_for_trigger',
      `a rule of ${trigger}s cannot give a ${reward}`,
      '/reward/kind',
      `must be ${allowed.join(', ')}`,
    ),
  purchase_only: ({ property }: Of<'purchase_only'>) =>
    refused(
      'purchase_only',
      'an engagement has no lines and no money',
      `/${property}`,
      'belongs to rules of purchases only',
    ),
  expiry_belongs_to_wallet: () =>
    refused(
      'expiry_belongs_to_wallet',
      'inactivity is counted for a whole wallet: set it in the settings of the program',
      '/expiry/kind',
      'must be never, rolling or fixed_dates',
    ),
  unknown_wallet: ({ wallet, known }: Of<'unknown_wallet'>) =>
    refused(
      'unknown_wallet',
      `the program has no wallet ${wallet}`,
      '/wallet',
      `must be one of ${known.join(', ')}`,
    ),
  wallet_changed: ({ wallet }: Of<'wallet_changed'>) =>
    refused(
      'wallet_changed',
      `earlier versions of this rule fill the wallet ${wallet}: give a rule for another wallet another code`,
      '/wallet',
      `must be ${wallet}`,
    ),
  rule_kind_changed: ({ trigger }: Of<'rule_kind_changed'>) =>
    refused(
      'rule_kind_changed',
      `earlier versions of this rule are about ${triggerText(trigger)}: give a rule about something else another code`,
      trigger.kind === 'engagement' ? '/activity' : '/trigger',
      `must be ${trigger.kind === 'engagement' ? trigger.activity : trigger.kind}`,
    ),
  rule_ended: ({ endedAt }: Of<'rule_ended'>) =>
    refused(
      'rule_ended',
      `this rule was ended at ${formatInstant(endedAt)} for good: give the new one another code`,
      '/code',
      'is the code of an ended rule',
    ),
  group_mode_conflict: ({ group, mode, rule }: Of<'group_mode_conflict'>) =>
    refused(
      'group_mode_conflict',
      `the group ${group} has the mode ${mode} in the rule ${rule}, which is valid at the same time`,
      '/reward/mode',
      `must be ${mode}`,
      { rule },
    ),
  wallet_mixed: ({ wallet, rule }: Of<'wallet_mixed'>) =>
    refused(
      'wallet_mixed',
      `the wallet ${wallet} would hold cashback and points per money, because of the rule ${rule}: give cashback a wallet of its own`,
      '/wallet',
      'must be another wallet',
      { rule },
    ),
  valid_from_too_early: ({ earliest }: Of<'valid_from_too_early'>) =>
    refused(
      'valid_from_too_early',
      `a version can begin at ${formatInstant(earliest)} at the earliest`,
      '/valid_from',
      'is too early',
      { earliest: formatInstant(earliest) },
    ),
  scheduled_version_exists: ({ version, validFrom }: Of<'scheduled_version_exists'>) =>
    refused(
      'scheduled_version_exists',
      `version ${version} of this rule begins at ${formatInstant(validFrom)} and would never do so: begin with it, or later; a pause takes it away`,
      '/valid_from',
      `must be ${formatInstant(validFrom)} or later`,
      { version, valid_from: formatInstant(validFrom) },
    ),
  valid_to_before_valid_from: () =>
    refused(
      'valid_to_before_valid_from',
      'a version ends after it begins',
      '/valid_to',
      'must be later than valid_from',
    ),
} satisfies { [Code in RuleRejection['code']]: (rejection: Of<Code>) => Problem };

export function problemOf(rejection: RuleRejection): Problem {
  return problems[rejection.code](rejection as never);
}
