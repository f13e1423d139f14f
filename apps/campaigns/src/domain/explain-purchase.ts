import type { RecordedPurchase } from './order.js';
import type { ProgramRules } from './program-rules.js';
import type { PurchaseFacts } from './purchase-context.js';
import { outcomesFor } from './record-purchase.js';
import type { RuleOutcome } from './rule-outcome.js';

/**
 * Asks again what every rule made of a purchase, from its stored facts: the answer is the one that was decided, because
 * versions are immutable, those entered after the decision are left out, and what was known of the member is stored.
 * Undefined for a guest, who earns nothing.
 *
 * @param program its settings are those of the decision's revision
 */
export function explainPurchase(
  facts: PurchaseFacts,
  purchase: Pick<RecordedPurchase, 'memberId' | 'occurredAt' | 'ruleSetRevision' | 'known' | 'lines'>,
  program: ProgramRules,
): RuleOutcome[] | undefined {
  if (purchase.memberId === null) return undefined;
  const versions = seenBy(program, purchase.ruleSetRevision);
  return outcomesFor(facts, purchase.lines, purchase.occurredAt, { ...program, versions }, purchase.known);
}

/** The versions that a decision of this revision has seen. */
export function seenBy(
  { versions }: Pick<ProgramRules, 'versions'>,
  revision: number,
): ProgramRules['versions'] {
  return versions.filter(({ ruleSetRevision }) => ruleSetRevision <= revision);
}
