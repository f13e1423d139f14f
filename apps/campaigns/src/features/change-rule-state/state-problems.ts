import { formatInstant } from '@kizuna/kernel';
import { Problem } from '@kizuna/service';
import type { StateRejection } from '../../domain/decide-rule-state.js';

type Of<Code extends StateRejection['code']> = Extract<StateRejection, { code: Code }>;

const refused = (code: string, detail: string, facts: Readonly<Record<string, unknown>> = {}): Problem =>
  new Problem(409, code, { detail, facts });

const problems = {
  unknown_rule: () => new Problem(404, 'not_found', { detail: 'there is no such rule' }),
  rule_ended: ({ endedAt }: Of<'rule_ended'>) =>
    refused('rule_ended', 'the rule was ended for good', { ended_at: formatInstant(endedAt) }),
  rule_over: ({ endedAt }: Of<'rule_over'>) =>
    refused('rule_over', 'the rule has run out: enter a new version', { ended_at: formatInstant(endedAt) }),
  not_begun: ({ validFrom }: Of<'not_begun'>) =>
    refused('not_begun', 'the rule has not begun: end it, or enter a version that begins later', {
      valid_from: formatInstant(validFrom),
    }),
  already_paused: ({ since }: Of<'already_paused'>) =>
    refused('already_paused', 'the rule is paused already', { since: formatInstant(since) }),
  not_paused: () => refused('not_paused', 'the rule is not paused'),
  group_mode_conflict: ({ group, mode, rule }: Of<'group_mode_conflict'>) =>
    refused('group_mode_conflict', `the group ${group} has the mode ${mode} in the rule ${rule} by now`, {
      rule,
    }),
  wallet_mixed: ({ wallet, rule }: Of<'wallet_mixed'>) =>
    refused('wallet_mixed', `the rule ${rule} counts other units in the wallet ${wallet} by now`, { rule }),
} satisfies { [Code in StateRejection['code']]: (rejection: Of<Code>) => Problem };

export function problemOf(rejection: StateRejection): Problem {
  return problems[rejection.code](rejection as never);
}
