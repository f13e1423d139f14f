import type { RuleOutcome } from './decide-awards.js';
import { eligibleBase } from './eligible-base.js';
import type { RecordedPurchase } from './order.js';
import { outcomesFor, type ProgramRules, type PurchaseFacts } from './record-purchase.js';

/**
 * Asks again what every rule made of a purchase, from its stored facts: the answer is the one that was decided, because
 * versions are immutable and those entered after the decision are left out. Undefined for a guest, who earns nothing.
 */
export function explainPurchase(
  facts: PurchaseFacts,
  purchase: Pick<RecordedPurchase, 'memberId' | 'occurredAt' | 'ruleSetRevision'>,
  program: ProgramRules,
): RuleOutcome[] | undefined {
  if (purchase.memberId === null) return undefined;
  const versions = program.versions.filter(
    ({ ruleSetRevision }) => ruleSetRevision <= purchase.ruleSetRevision,
  );
  return outcomesFor(facts, eligibleBase(facts, program.settings), purchase.occurredAt, {
    ...program,
    versions,
  });
}
