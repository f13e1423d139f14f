import { deterministicId, type Instant } from '@kizuna/kernel';
import { applyRefunds } from './apply-refunds.js';
import { awardTimes } from './award-times.js';
import { conditionsOf, historyNeeds } from './conditions.js';
import { decideAwards } from './decide-awards.js';
import { eligibleBase, type LineBase } from './eligible-base.js';
import { isLate } from './late.js';
import { NOTHING_KNOWN, usageIn, type KnownWhenDeciding } from './known-when-deciding.js';
import { knownFrom, type MemberHistory } from './member-history.js';
import {
  repeated,
  type ArrivedEvent,
  type Award,
  type Order,
  type OrderChange,
  type OrderFact,
  type RecordedPurchase,
  type ReviewReason,
} from './order.js';
import { monthOf } from './program-days.js';
import { HARD_LIMIT, purchaseRulesAt, type ProgramRules } from './program-rules.js';
import { purchaseContext, type PurchaseFacts } from './purchase-context.js';
import type { RuleOutcome } from './rule-outcome.js';
import { rulesFailed } from './rules-failed.js';

export interface ArrivedPurchase extends ArrivedEvent {
  readonly facts: PurchaseFacts;
}

/**
 * Records a purchase, once: the same order again has no effect, another content under its id is a conflict. Refunds that
 * waited for it are applied.
 */
export function recordPurchase(
  order: Order,
  arrived: ArrivedPurchase,
  program: ProgramRules,
  history: MemberHistory,
): OrderChange {
  if (order.purchase) return repeated(order, order.purchase.dataHash, arrived);
  const { facts, memberId, eventId, dataHash, occurredAt, receivedAt } = arrived;
  const { bases, review, known, outcomes } = decidePurchase(arrived, program, history);
  const recorded: RecordedPurchase = {
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
    review,
    isRefused: false,
    ruleSetRevision: program.ruleSetRevision,
    settingsRevision: program.settingsRevision,
    known,
  };
  return settled({ ...order, purchase: recorded }, outcomes, program);
}

export interface PurchaseDecision {
  /** By line, in line order. */
  readonly bases: readonly LineBase[];
  /** Somebody has to look at it first: until then it grants nothing, and there are no outcomes. */
  readonly review: ReviewReason | undefined;
  readonly known: KnownWhenDeciding;
  /** One per rule in force; none of a guest. */
  readonly outcomes: readonly RuleOutcome[];
}

/** What a purchase meets when it arrives: the one decision behind an order and behind a quote. */
export function decidePurchase(
  {
    facts,
    memberId,
    occurredAt,
    receivedAt,
  }: Pick<ArrivedPurchase, 'facts' | 'memberId' | 'occurredAt' | 'receivedAt'>,
  program: ProgramRules,
  history: MemberHistory,
): PurchaseDecision {
  const bases = eligibleBase(facts, program.settings);
  const undecided = { bases, known: NOTHING_KNOWN, outcomes: [] };
  if (isLate(occurredAt, receivedAt, program.settings.lateWindowDays))
    return { ...undecided, review: 'late' };
  if (memberId === null) return { ...undecided, review: undefined };
  const known = knownOfPurchase(occurredAt, program, history);
  const outcomes = outcomesFor(facts, bases, occurredAt, program, known);
  return outcomes.some(({ reason }) => reason?.code === 'amount_over_limit')
    ? { ...undecided, review: 'amount_over_limit' }
    : { bases, review: undefined, known, outcomes };
}

/** Decides a purchase that somebody has released from review, with the rules at its time and what is known now. */
export function releasePurchase(
  order: Order,
  facts: PurchaseFacts,
  program: ProgramRules,
  history: MemberHistory,
): OrderChange {
  const { purchase } = order;
  if (!purchase?.review) return { order, facts: [], rejected: [] };
  const { occurredAt, memberId, lines } = purchase;
  const known: KnownWhenDeciding =
    memberId === null
      ? NOTHING_KNOWN
      : { ...knownOfPurchase(occurredAt, program, history), limitLifted: true };
  const { ruleSetRevision, settingsRevision } = program;
  const released = { ...purchase, review: undefined, ruleSetRevision, settingsRevision, known };
  const outcomes = memberId === null ? [] : outcomesFor(facts, lines, occurredAt, program, known);
  return settled({ ...order, purchase: released }, outcomes, program);
}

export function refusePurchase(order: Order, program: ProgramRules): OrderChange {
  const { purchase } = order;
  if (!purchase?.review) return { order, facts: [], rejected: [] };
  return settled({ ...order, purchase: { ...purchase, review: undefined, isRefused: true } }, [], program);
}

/** Grants what the rules give, then applies the refunds that waited. */
function settled(order: Order, outcomes: readonly RuleOutcome[], program: ProgramRules): OrderChange {
  const news: OrderFact[] = [];
  const awards: Award[] = [];
  const { purchase } = order;
  if (purchase && purchase.memberId !== null) {
    const { memberId, occurredAt } = purchase;
    for (const outcome of outcomes) {
      if (outcome.amount === 0n) continue;
      const award = awardOf(order, purchase, outcome, program);
      awards.push(award);
      const { label: ruleLabel, labelJa: ruleLabelJa } = outcome.rule;
      news.push({ kind: 'granted', award, ruleLabel, ruleLabelJa, memberId, occurredAt });
    }
  }
  const waiting = order.refunds.filter(({ state }) => state === 'waiting');
  const change = applyRefunds({ ...order, awards }, waiting, program.settings.clawbackPolicy);
  return { ...change, facts: [...news, ...change.facts], rulesFailed: rulesFailed(outcomes) };
}

/** What of the member's past the rules in force for a purchase ask about. */
export function knownOfPurchase(
  occurredAt: Instant,
  program: ProgramRules,
  history: MemberHistory,
): KnownWhenDeciding {
  const needs = historyNeeds(purchaseRulesAt(program, occurredAt));
  return knownFrom(history, needs, () => monthOf(occurredAt, program.settings.timeZone));
}

/** What every rule in force made of a purchase; the explanation asks again with the stored facts. */
export function outcomesFor(
  facts: PurchaseFacts,
  bases: readonly LineBase[],
  occurredAt: Instant,
  program: Pick<ProgramRules, 'versions' | 'settings'>,
  known: KnownWhenDeciding,
): RuleOutcome[] {
  const { settings } = program;
  const { timeZone } = settings;
  const context = () => purchaseContext(facts, bases, { orders: known.orders, occurredAt, timeZone });
  return decideAwards(facts, bases, purchaseRulesAt(program, occurredAt), settings, {
    answerOf: conditionsOf(context),
    usageOf: usageIn(known),
    maxAward: known.limitLifted ? HARD_LIMIT : settings.maxAward,
  });
}

/** The fence has the rule without its version: a republished rule never pays the same order twice. */
function awardOf(
  { programId, orderId }: Order,
  { occurredAt }: RecordedPurchase,
  { rule, amount, lines }: RuleOutcome,
  { settings }: ProgramRules,
): Award {
  const { code, version, wallet, minimumEligible } = rule;
  return {
    awardId: deterministicId(occurredAt, programId, 'purchase', orderId, code, wallet),
    rule: code,
    ruleVersion: version,
    wallet,
    amount,
    lines,
    minimumEligible: minimumEligible === undefined ? undefined : BigInt(minimumEligible),
    ...awardTimes(rule, occurredAt, settings),
    clawbackTotal: 0n,
  };
}
