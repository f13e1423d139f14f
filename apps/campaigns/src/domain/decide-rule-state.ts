import { accept, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { EarningRule, RuleState } from './earning-rule.js';
import { begunOf, conflictOf, latestOf, type ConflictRejection, type RuleBook } from './rule-book.js';

export type StateCommand = 'pause' | 'resume' | 'end';

export type StateRejection =
  | ConflictRejection
  | { readonly code: 'unknown_rule' }
  | { readonly code: 'rule_ended'; readonly endedAt: Instant }
  /** Its last version has run out by itself. */
  | { readonly code: 'rule_over'; readonly endedAt: Instant }
  | { readonly code: 'not_begun'; readonly validFrom: Instant }
  | { readonly code: 'already_paused'; readonly since: Instant }
  | { readonly code: 'not_paused' };

const STATES = { pause: 'paused', resume: 'active', end: 'ended' } as const satisfies Record<
  StateCommand,
  RuleState
>;

/**
 * Pauses, resumes or ends a rule at this instant, by a version that says what the one in force said. What occurred before
 * is decided as before. Versions that have not begun give way to it and do not begin any more.
 */
export function decideRuleState(
  code: string,
  command: StateCommand,
  { versions, now, revision }: RuleBook,
): Decision<EarningRule, StateRejection> {
  const latest = latestOf(versions, code);
  if (!latest) return reject({ code: 'unknown_rule' });
  if (latest.state === 'ended') return reject({ code: 'rule_ended', endedAt: latest.validFrom });

  const inForce = begunOf(versions, code, now);
  const fault = command === 'end' ? undefined : pauseFault(command, inForce, latest, now);
  if (fault) return reject(fault);

  const kept = inForce ?? latest;
  const rule: EarningRule = {
    ...kept,
    version: latest.version + 1,
    state: STATES[command],
    validFrom: now,
    // A version that had run out has nothing left to end but the rule itself.
    validTo: kept.validTo !== undefined && kept.validTo > now ? kept.validTo : undefined,
    ruleSetRevision: revision,
  };
  // While it was away, others may have come that it cannot stand beside.
  const conflict = command === 'resume' ? conflictOf(rule, versions) : undefined;
  return conflict ? reject(conflict) : accept(rule);
}

function pauseFault(
  command: 'pause' | 'resume',
  inForce: EarningRule | undefined,
  latest: EarningRule,
  now: Instant,
): StateRejection | undefined {
  if (!inForce) return { code: 'not_begun', validFrom: latest.validFrom };
  if (inForce.validTo !== undefined && inForce.validTo <= now)
    return { code: 'rule_over', endedAt: inForce.validTo };
  const isPaused = inForce.state === 'paused';
  if (command === 'pause' && isPaused) return { code: 'already_paused', since: inForce.validFrom };
  if (command === 'resume' && !isPaused) return { code: 'not_paused' };
  return undefined;
}
