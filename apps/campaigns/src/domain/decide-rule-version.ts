import { accept, reject, SECOND, type Decision, type Instant } from '@kizuna/kernel';
import type { BaseRate, EarningRule, LineFilter } from './earning-rule.js';

/** Instances learn of new rules within this time, so a version may not begin sooner. */
export const NOTICE_MS = 5 * SECOND;

export interface RuleDraft {
  readonly code: string;
  readonly label: string;
  readonly wallet: string;
  readonly priority: number;
  readonly lineFilter: LineFilter;
  readonly reward: BaseRate;
  /** undefined = as soon as the rules allow. */
  readonly validFrom: Instant | undefined;
  readonly validTo: Instant | undefined;
}

export interface RuleCircumstances {
  readonly wallets: readonly string[];
  readonly startsAt: Instant;
  /** A program whose first event has not arrived may enter its first rules for the time since `startsAt`. */
  readonly hasEvents: boolean;
  /** The later of program and database clock. */
  readonly now: Instant;
  /** Of the program's rules once this version is among them. */
  readonly revision: number;
  readonly latest: Pick<EarningRule, 'version' | 'validFrom' | 'wallet'> | undefined;
}

export type RuleRejection =
  | { readonly code: 'unknown_wallet'; readonly wallet: string; readonly known: readonly string[] }
  | { readonly code: 'wallet_changed'; readonly wallet: string }
  | { readonly code: 'valid_from_too_early'; readonly earliest: Instant }
  | { readonly code: 'valid_to_before_valid_from' };

/** Decides the next immutable version of a rule. It ends the version before it when it begins. */
export function decideRuleVersion(
  draft: RuleDraft,
  given: RuleCircumstances,
): Decision<EarningRule, RuleRejection> {
  const { wallets, latest } = given;
  if (!wallets.includes(draft.wallet))
    return reject({ code: 'unknown_wallet', wallet: draft.wallet, known: wallets });
  // The fence of an award is (order, rule, wallet): a rule that moved to another wallet could pay an order twice.
  if (latest && latest.wallet !== draft.wallet)
    return reject({ code: 'wallet_changed', wallet: latest.wallet });

  const earliest = earliestStart(given);
  const validFrom = draft.validFrom ?? earliest;
  if (validFrom < earliest) return reject({ code: 'valid_from_too_early', earliest });
  if (draft.validTo !== undefined && draft.validTo <= validFrom)
    return reject({ code: 'valid_to_before_valid_from' });
  return accept({
    ...draft,
    labelJa: undefined,
    trigger: { kind: 'purchase' },
    conditions: [],
    minimumEligible: undefined,
    cap: undefined,
    pending: undefined,
    expiry: undefined,
    state: 'active',
    version: (latest?.version ?? 0) + 1,
    validFrom,
    ruleSetRevision: given.revision,
  });
}

function earliestStart({ hasEvents, latest, startsAt, now }: RuleCircumstances): Instant {
  const isFirstOfNewProgram = !hasEvents && latest === undefined;
  return isFirstOfNewProgram && startsAt < now ? startsAt : ((now + NOTICE_MS) as Instant);
}
