import { awardClawedBack, awardGranted, purchaseRejected } from '@kizuna/contracts';
import { formatInstant, guestKey, memberKey } from '@kizuna/kernel';
import { outgoing, type OutgoingEvent } from '@kizuna/messaging';
import type { Engagement, EngagementChange } from '../domain/engagement.js';
import type { Order, OrderChange, OrderFact, RejectedEvent } from '../domain/order.js';

/** The event, or the review's decision, that brought the news. */
export interface Cause {
  readonly id: string;
  readonly correlationId?: string | undefined;
}

/** What the other rooms are told of a decision about an order, in its order. */
export function newsOf(
  { programId, orderId }: Pick<Order, 'programId' | 'orderId'>,
  { facts, rejected }: Pick<OrderChange, 'facts' | 'rejected'>,
  cause: Cause,
): OutgoingEvent[] {
  const about = { programId, causationId: cause.id, correlationId: cause.correlationId };
  return [
    ...facts.map((fact) => factEvent(fact, 'purchase', orderId, about)),
    ...rejected.map((rejection) => rejectionEvent(rejection, orderId, about)),
  ];
}

export function engagementNews(
  { programId, engagementId }: Pick<Engagement, 'programId' | 'engagementId'>,
  { facts }: Pick<EngagementChange, 'facts'>,
  cause: Cause,
): OutgoingEvent[] {
  const about = { programId, causationId: cause.id, correlationId: cause.correlationId };
  return facts.map((fact) => factEvent(fact, 'engagement', engagementId, about));
}

type About = Pick<OutgoingEvent, 'programId' | 'causationId' | 'correlationId'>;

function factEvent(
  fact: OrderFact,
  kind: 'purchase' | 'engagement',
  businessRef: string,
  about: About,
): OutgoingEvent {
  const { award, memberId, occurredAt } = fact;
  const address = { ...about, key: memberKey(about.programId, memberId), subject: memberId, occurredAt };
  const data = {
    program_id: about.programId,
    member_id: memberId,
    award_id: award.awardId,
    wallet: award.wallet,
    occurred_at: formatInstant(occurredAt),
  };
  if (fact.kind === 'granted')
    return outgoing<typeof awardGranted>({
      ...address,
      contract: awardGranted,
      id: `award:${award.awardId}`,
      data: {
        ...data,
        kind,
        business_ref: businessRef,
        rule: award.rule,
        rule_label: fact.ruleLabel,
        ...(fact.ruleLabelJa === undefined ? {} : { rule_label_ja: fact.ruleLabelJa }),
        rule_version: award.ruleVersion,
        amount: Number(award.amount),
        origin: kind,
        funding: 'brand',
        release_at: award.releaseAt === undefined ? null : formatInstant(award.releaseAt),
        expires_at: award.expiresAt === undefined ? null : formatInstant(award.expiresAt),
      },
    });
  return outgoing<typeof awardClawedBack>({
    ...address,
    contract: awardClawedBack,
    id: `clawback:${award.awardId}:${fact.refundId}`,
    data: {
      ...data,
      clawback_total: Number(award.clawbackTotal),
      refund_id: fact.refundId,
      business_ref: businessRef,
      policy: fact.policy,
    },
  });
}

function rejectionEvent(
  { code, eventId, memberId, occurredAt }: RejectedEvent,
  orderId: string,
  about: About,
): OutgoingEvent {
  return outgoing<typeof purchaseRejected>({
    ...about,
    contract: purchaseRejected,
    id: `rejected:${eventId}:${code}`,
    key: memberId === null ? guestKey(about.programId, orderId) : memberKey(about.programId, memberId),
    subject: memberId ?? `order:${orderId}`,
    occurredAt,
    data: {
      program_id: about.programId,
      member_id: memberId,
      order_id: orderId,
      event_id: eventId,
      reason: code,
    },
  });
}
