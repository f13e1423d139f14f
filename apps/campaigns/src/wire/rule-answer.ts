import type { Decision } from '@kizuna/kernel';
import { Problem } from '@kizuna/service';
import type { KeyReused } from '../storage/rules.repository.js';
import type { StoredRule } from '../storage/rule-versions.js';

/**
 * The version that a command made, or made when it came the first time.
 *
 * @throws Problem for every refusal
 */
export function appended<Rejection extends { readonly code: string }>(
  decision: Decision<StoredRule, Rejection | KeyReused> | undefined,
  problemOf: (rejection: Rejection) => Problem,
): StoredRule {
  if (!decision)
    throw new Problem(503, 'program_not_ready', {
      detail: 'the settings of this program are still on their way',
      retryAfter: 1,
    });
  if (decision.accepted) return decision.value;
  const { rejection } = decision;
  throw isKeyReused(rejection) ? KEY_REUSED : problemOf(rejection);
}

const isKeyReused = (rejection: { readonly code: string }): rejection is KeyReused =>
  rejection.code === 'idempotency_key_reused';

const KEY_REUSED = new Problem(422, 'idempotency_key_reused', {
  detail: 'this Idempotency-Key was used for another command: a new command has a new key',
});
