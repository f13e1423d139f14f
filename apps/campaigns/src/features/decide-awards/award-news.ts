import { awardClawedBack, awardGranted, purchaseRejected } from '@kizuna/contracts';
import { formatInstant, guestKey, memberKey } from '@kizuna/kernel';
import { outgoing, type OutgoingEvent, type ReceivedEvent } from '@kizuna/messaging';
import type { Order, OrderChange, OrderFact, RejectedEvent } from '../../domain/order.js';

/** What the other rooms are told of a decision, in its order. */
export function newsOf(
  { programId, orderId }: Order,
  { facts, rejected }: OrderChange,
  cause: ReceivedEvent,
): OutgoingEvent[] {
  const about = { programId, causationId: cause.id, correlationId: cause.correlationId };
  return [
    ...facts.map((fact) => factEvent(fact, orderId, about)),
    ...rejected.map((rejection) => rejectionEvent(rejection, orderId, about)),
  ];
}

type About = Pick<OutgoingEvent, 'programId' | 'causationId' | 'correlationId'>;

function factEvent(fact: OrderFact, orderId: string, about: About): OutgoingEvent {
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
        kind: 'purchase',
        business_ref: orderId,
        rule: award.rule,
        rule_version: award.ruleVersion,
        amount: Number(award.amount),
        origin: 'purchase',
        funding: 'brand',
        release_at: null,
        expires_at: null,
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
      policy: 'negative',
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
