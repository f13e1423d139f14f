import type { Transaction } from '@kizuna/database';
import { invariant } from '@kizuna/kernel';
import type { OutgoingEvent } from '@kizuna/messaging';
import type { EarningRule } from '../../domain/earning-rule.js';
import { refuseEngagement, releaseEngagement } from '../../domain/engagement.js';
import { NO_HISTORY, type MemberHistory } from '../../domain/member-history.js';
import { engagementRulesAt, purchaseRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { refusePurchase, releasePurchase } from '../../domain/record-purchase.js';
import { refuseRefund, releaseRefund } from '../../domain/release-refund.js';
import type { OrderChange } from '../../domain/order.js';
import type { Review } from '../../domain/review.js';
import { engagementName, lockEngagements } from '../../storage/engagements.repository.js';
import { historyRequest } from '../../storage/history-request.js';
import { lockHistories } from '../../storage/member-histories.js';
import { lockOrders, orderName, purchaseFacts } from '../../storage/orders.repository.js';
import { saveEngagements } from '../../storage/save-engagements.js';
import { saveOrders } from '../../storage/save-orders.js';
import { engagementNews, newsOf } from '../../wire/award-news.js';

type OnRulesFailed = (trigger: 'purchase' | 'engagement', rules: number) => void;

/** Writes what follows from a ruling, and returns what the other rooms are to be told. */
export function ruleOnReview(
  tx: Transaction,
  review: Review,
  program: ProgramRules,
  onRulesFailed: OnRulesFailed,
): Promise<OutgoingEvent[]> {
  return review.kind === 'engagement'
    ? ruleOnEngagement(tx, review, program, onRulesFailed)
    : ruleOnOrder(tx, review, program, onRulesFailed);
}

/** The event of a ruling is its own cause: it happens once. */
const causeOf = ({ reviewId, state }: Review): { id: string } => ({ id: `review:${reviewId}:${state}` });

async function ruleOnOrder(
  tx: Transaction,
  review: Review,
  program: ProgramRules,
  onRulesFailed: OnRulesFailed,
): Promise<OutgoingEvent[]> {
  const { programId, businessRef: orderId, refundId, state } = review;
  const ref = { programId, orderId };
  const before = (await lockOrders(tx, [ref])).get(orderName(ref));
  if (!before) return [];
  const isReleased = state === 'released';
  const { clawbackPolicy } = program.settings;
  let change: OrderChange;
  if (refundId !== undefined)
    change = isReleased ? releaseRefund(before, refundId, clawbackPolicy) : refuseRefund(before, refundId);
  else if (!isReleased) change = refusePurchase(before, program);
  else {
    const facts = await purchaseFacts(tx, ref);
    invariant(facts, 'a purchase under review is recorded with its facts');
    const history = await historyOf(tx, review, purchaseRulesAt(program, review.occurredAt), program);
    change = releasePurchase(before, facts, program, history);
  }
  await saveOrders(tx, [{ before, after: change.order, facts: undefined }]);
  onRulesFailed('purchase', change.rulesFailed ?? 0);
  return newsOf(ref, change, causeOf(review));
}

async function ruleOnEngagement(
  tx: Transaction,
  review: Review,
  program: ProgramRules,
  onRulesFailed: OnRulesFailed,
): Promise<OutgoingEvent[]> {
  const { programId, businessRef: engagementId, occurredAt, state } = review;
  const ref = { programId, engagementId };
  const before = (await lockEngagements(tx, [ref])).get(engagementName(ref));
  if (!before?.recorded) return [];
  const rules = engagementRulesAt(program, occurredAt, before.recorded.facts.activity);
  const change =
    state === 'released'
      ? releaseEngagement(before, program, await historyOf(tx, review, rules, program))
      : refuseEngagement(before);
  await saveEngagements(tx, [{ before, after: change.engagement }]);
  onRulesFailed('engagement', change.rulesFailed ?? 0);
  return engagementNews(ref, change, causeOf(review));
}

async function historyOf(
  tx: Transaction,
  { programId, memberId, occurredAt }: Review,
  rules: readonly EarningRule[],
  { settings }: ProgramRules,
): Promise<MemberHistory> {
  if (memberId === null) return NO_HISTORY;
  const requests = historyRequest({ programId, memberId, occurredAt }, rules, settings);
  return (await lockHistories(tx, requests)).of(programId, memberId);
}
