import type { Database } from '@kizuna/database';
import { engagementOutcomes, knownOfEngagement } from '../../domain/engagement.js';
import { eligibleBase } from '../../domain/eligible-base.js';
import { engagementRulesAt, purchaseRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { knownOfPurchase, outcomesFor } from '../../domain/record-purchase.js';
import type { Review } from '../../domain/review.js';
import { findEngagement } from '../../storage/engagements.repository.js';
import { readHistory } from '../../storage/member-histories.js';
import { purchaseFacts } from '../../storage/orders.repository.js';
import { explanationBody } from '../../wire/explanation.js';

/**
 * What a release would give as things stand: whoever decides has to know. Undefined where there is nothing to give: a refund
 * takes back, a guest earns nothing, and what is decided has its own explanation.
 */
export async function wouldGive(
  database: Database,
  review: Review,
  program: ProgramRules,
): Promise<object[] | undefined> {
  if (review.state !== 'open' || review.memberId === null) return undefined;
  const about = { programId: review.programId, memberId: review.memberId, occurredAt: review.occurredAt };
  if (review.kind === 'purchase') return ofPurchase(database, review, about, program);
  return review.kind === 'engagement' ? ofEngagement(database, review, about, program) : undefined;
}

type About = Parameters<typeof readHistory>[1];

async function ofPurchase(database: Database, { businessRef }: Review, about: About, program: ProgramRules) {
  const { programId, occurredAt } = about;
  const facts = await purchaseFacts(database, { programId, orderId: businessRef });
  if (!facts) return undefined;
  const { settings } = program;
  const bases = eligibleBase(facts, settings);
  const history = await readHistory(database, about, purchaseRulesAt(program, occurredAt), settings);
  const known = { ...knownOfPurchase(occurredAt, program, history), limitLifted: true } as const;
  const lines = facts.lines.map(({ line_id }, i) => ({
    lineId: line_id,
    ...(bases[i] ?? { paid: 0n, eligible: 0n }),
  }));
  return outcomesFor(facts, bases, occurredAt, program, known).map((outcome) =>
    explanationBody(outcome, { currency: facts.currency, rounding: settings.rounding, lines }),
  );
}

async function ofEngagement(
  database: Database,
  { businessRef }: Review,
  about: About,
  program: ProgramRules,
) {
  const { programId, occurredAt } = about;
  const engagement = await findEngagement(database, { programId, engagementId: businessRef });
  if (!engagement?.recorded) return undefined;
  const { facts } = engagement.recorded;
  const { settings } = program;
  const rules = engagementRulesAt(program, occurredAt, facts.activity);
  const history = await readHistory(database, about, rules, settings);
  const known = { ...knownOfEngagement(facts, occurredAt, program, history), limitLifted: true } as const;
  return engagementOutcomes(facts, occurredAt, program, known).map((outcome) =>
    explanationBody(outcome, { currency: settings.currency, rounding: settings.rounding, lines: [] }),
  );
}
