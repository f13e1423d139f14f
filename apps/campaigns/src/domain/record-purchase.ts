import { DAY, deterministicId, type Instant } from '@kizuna/kernel';
import { applyRefunds } from './apply-refunds.js';
import {
  decideAwards,
  type EarningPurchase,
  type EarningSettings,
  type RuleOutcome,
} from './decide-awards.js';
import { rulesAt, type EarningRule } from './earning-rule.js';
import { eligibleBase, type PurchaseMoney } from './eligible-base.js';
import {
  repeated,
  type ArrivedEvent,
  type Award,
  type Order,
  type OrderChange,
  type OrderFact,
  type RecordedPurchase,
} from './order.js';

export interface PurchaseFacts extends PurchaseMoney, EarningPurchase {
  readonly lines: readonly (PurchaseMoney['lines'][number] &
    EarningPurchase['lines'][number] & { readonly line_id: string })[];
}

export interface ArrivedPurchase extends ArrivedEvent {
  readonly facts: PurchaseFacts;
}

export interface ProgramRules {
  readonly settings: EarningSettings & { readonly earnNetOfTax: boolean; readonly lateWindowDays: number };
  readonly versions: readonly EarningRule[];
  readonly ruleSetRevision: number;
}

export function isLate(occurredAt: Instant, receivedAt: Instant, lateWindowDays: number): boolean {
  return receivedAt - occurredAt > lateWindowDays * DAY;
}

/**
 * Records a purchase, once: the same order again has no effect, another content under its id is a conflict. Refunds that
 * waited for it are applied.
 */
export function recordPurchase(order: Order, arrived: ArrivedPurchase, program: ProgramRules): OrderChange {
  if (order.purchase) return repeated(order, order.purchase.dataHash, arrived);
  const { facts, memberId, eventId, dataHash, occurredAt, receivedAt } = arrived;
  const isForReview = isLate(occurredAt, receivedAt, program.settings.lateWindowDays);
  const bases = eligibleBase(facts, program.settings);
  const outcomes = memberId === null || isForReview ? [] : outcomesFor(facts, bases, occurredAt, program);
  // An order under review grants nothing until somebody has looked at it.
  const isOverLimit = outcomes.some(({ reason }) => reason === 'amount_over_limit');

  const purchase: RecordedPurchase = {
    memberId,
    eventId,
    dataHash,
    occurredAt,
    receivedAt,
    currency: facts.currency,
    lines: facts.lines.map(({ line_id }, i) => ({
      lineId: line_id,
      ...(bases[i] ?? { paid: 0n, eligible: 0n }),
    })),
    review: isForReview ? 'late' : isOverLimit ? 'amount_over_limit' : undefined,
    ruleSetRevision: program.ruleSetRevision,
  };
  const granted = purchase.review ? [] : outcomes;
  const awards = granted
    .filter(({ amount }) => amount > 0n)
    .map((outcome) => awardOf(order, purchase, outcome));
  const news: OrderFact[] =
    memberId === null ? [] : awards.map((award) => ({ kind: 'granted', award, memberId, occurredAt }));
  const recorded: Order = { ...order, purchase, awards };
  const settled = applyRefunds(
    recorded,
    order.refunds.filter(({ state }) => state === 'waiting'),
  );
  return { ...settled, facts: [...news, ...settled.facts] };
}

/** What every rule in force made of a purchase; the explanation asks again with the stored facts. */
export function outcomesFor(
  facts: PurchaseFacts,
  bases: ReturnType<typeof eligibleBase>,
  occurredAt: Instant,
  { versions, settings }: Pick<ProgramRules, 'versions' | 'settings'>,
): RuleOutcome[] {
  return decideAwards(facts, bases, rulesAt(versions, occurredAt), settings);
}

/** The fence has the rule without its version: a republished rule never pays the same order twice. */
function awardOf(
  { programId, orderId }: Order,
  { occurredAt }: RecordedPurchase,
  outcome: RuleOutcome,
): Award {
  const { code, version, wallet } = outcome.rule;
  return {
    awardId: deterministicId(occurredAt, programId, 'purchase', orderId, code, wallet),
    rule: code,
    ruleVersion: version,
    wallet,
    amount: outcome.amount,
    lines: outcome.lines,
    clawbackTotal: 0n,
  };
}
