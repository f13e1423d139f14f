import { accept, reject, SECOND, type Decision, type Instant } from '@kizuna/kernel';
import type { EarningRule, Trigger } from './earning-rule.js';
import { conflictOf, latestOf, scheduledAfter, type ConflictRejection, type RuleBook } from './rule-book.js';
import { checkDraft, type DraftRejection, type RuleDraft } from './rule-draft.js';

/** Instances learn of new rules within this time, so a version may not begin sooner. */
export const NOTICE_MS = 5 * SECOND;

export type RuleRejection =
  | DraftRejection
  | ConflictRejection
  | { readonly code: 'unknown_wallet'; readonly wallet: string; readonly known: readonly string[] }
  | { readonly code: 'wallet_changed'; readonly wallet: string }
  | { readonly code: 'rule_kind_changed'; readonly trigger: Trigger }
  | { readonly code: 'rule_ended'; readonly endedAt: Instant }
  | { readonly code: 'scheduled_version_exists'; readonly version: number; readonly validFrom: Instant }
  | { readonly code: 'valid_from_too_early'; readonly earliest: Instant }
  | { readonly code: 'valid_to_before_valid_from' };

/** Decides the next immutable version of a rule. It ends the version before it when it begins. */
export function decideRuleVersion(draft: RuleDraft, book: RuleBook): Decision<EarningRule, RuleRejection> {
  const { wallets, versions } = book;
  const checked = checkDraft(draft);
  if (!checked.accepted) return checked;
  if (!wallets.includes(draft.wallet))
    return reject({ code: 'unknown_wallet', wallet: draft.wallet, known: wallets });

  const latest = latestOf(versions, draft.code);
  const succession = latest && successionFault(draft, latest);
  if (succession) return reject(succession);

  const earliest = earliestStart(book, latest);
  const validFrom = draft.validFrom ?? earliest;
  if (validFrom < earliest) return reject({ code: 'valid_from_too_early', earliest });
  if (draft.validTo !== undefined && draft.validTo <= validFrom)
    return reject({ code: 'valid_to_before_valid_from' });
  // A version ends all before it when it begins: one that has not begun by then would be gone without a word.
  const scheduled = scheduledAfter(versions, draft.code, validFrom);
  if (scheduled)
    return reject({
      code: 'scheduled_version_exists',
      version: scheduled.version,
      validFrom: scheduled.validFrom,
    });

  const rule: EarningRule = {
    ...draft,
    version: (latest?.version ?? 0) + 1,
    state: 'active',
    validFrom,
    ruleSetRevision: book.revision,
  };
  const conflict = conflictOf(rule, versions);
  return conflict ? reject(conflict) : accept(rule);
}

/** What a version may not change, because awards and counts of the versions before it go by it. */
function successionFault(draft: RuleDraft, latest: EarningRule): RuleRejection | undefined {
  if (latest.state === 'ended') return { code: 'rule_ended', endedAt: latest.validFrom };
  // The fence of an award is (order, rule, wallet): a rule that moved to another wallet could pay an order twice.
  if (latest.wallet !== draft.wallet) return { code: 'wallet_changed', wallet: latest.wallet };
  // The awards that a cap counts are those of the rule: with another activity they would count for something else.
  if (triggerText(latest.trigger) !== triggerText(draft.trigger))
    return { code: 'rule_kind_changed', trigger: latest.trigger };
  return undefined;
}

/** `purchase`, or `engagement review`. */
export function triggerText(trigger: Trigger): string {
  return trigger.kind === 'purchase' ? trigger.kind : `${trigger.kind} ${trigger.activity}`;
}

function earliestStart({ hasEvents, startsAt, now }: RuleBook, latest: EarningRule | undefined): Instant {
  const isFirstOfNewProgram = !hasEvents && latest === undefined;
  return isFirstOfNewProgram && startsAt <= now ? startsAt : ((now + NOTICE_MS) as Instant);
}
