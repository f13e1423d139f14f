import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { canonicalHash, purchaseCompleted, purchaseRefunded } from '@kizuna/contracts';
import { invariant } from '@kizuna/kernel';
import {
  ChunkContext,
  ConsumeChunks,
  type Chunk,
  type OutgoingEvent,
  type ReceivedOf,
} from '@kizuna/messaging';
import type { ArrivedEvent, Order, OrderChange } from '../../domain/order.js';
import type { MemberHistory } from '../../domain/member-history.js';
import { monthOf } from '../../domain/program-days.js';
import { purchaseRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { recordPurchase } from '../../domain/record-purchase.js';
import { recordRefund } from '../../domain/record-refund.js';
import { lockHistories } from '../../storage/member-histories.js';
import { historyRequest, type HistoryRequest } from '../../storage/history-request.js';
import { lockOrders, orderName } from '../../storage/orders.repository.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import type { OrderWrite } from '../../storage/order-write.js';
import { saveOrders } from '../../storage/save-orders.js';
import { newsOf } from '../../wire/award-news.js';

type PurchaseEvent = ReceivedOf<typeof purchaseCompleted>;
type RefundEvent = ReceivedOf<typeof purchaseRefunded>;
type Event = PurchaseEvent | RefundEvent;

/**
 * Purchases and refunds become awards and clawbacks. No inbox: an order remembers the id and content of its purchase and of
 * every refund for ever, which is what recognises a repetition and tells it from a conflict.
 */
@Controller()
export class DecideAwardsConsumer {
  constructor(private readonly programs: ProgramsRepository) {}

  @ConsumeChunks('purchase-events', { group: 'campaigns', events: [purchaseCompleted, purchaseRefunded] })
  async decide(@Payload() chunk: Chunk<Event>, @Ctx() { tx }: ChunkContext): Promise<OutgoingEvent[]> {
    const programs = await this.programs.rulesFor(tx, [
      ...new Set(chunk.events.map(({ programId }) => programId)),
    ]);
    const refs = new Map(chunk.events.map((event) => [orderName(refOf(event)), refOf(event)]));
    const orders = await lockOrders(tx, [...refs.values()]);
    const histories = await lockHistories(tx, requestsOf(chunk.events, orders, programs));
    const writes = new Map<string, OrderWrite>();
    const news: OutgoingEvent[] = [];

    for (const event of chunk.events) {
      const name = orderName(refOf(event));
      const order = orders.get(name);
      const program = programs.get(event.programId);
      invariant(order && program, 'every order and program of the chunk is loaded');
      const change = decideEvent(order, event, program, histories.of(event.programId, event.data.member_id));
      histories.carryOn(order, change.order, ({ purchase }) =>
        monthOf(purchase?.occurredAt ?? event.occurredAt, program.settings.timeZone),
      );
      news.push(...newsOf(order, change, event));
      orders.set(name, change.order);
      const write = writes.get(name);
      const isItsPurchase = !order.purchase && change.order.purchase;
      writes.set(name, {
        before: write?.before ?? order,
        after: change.order,
        facts: isItsPurchase ? event.data : write?.facts,
      });
    }
    await saveOrders(tx, [...writes.values()]);
    return news;
  }
}

const refOf = ({ programId, data }: Event) => ({ programId, orderId: data.order_id });

/** The members' pasts that rules in force will ask about; of orders that are recorded already nothing is asked. */
function requestsOf(
  events: readonly Event[],
  orders: ReadonlyMap<string, Order>,
  programs: ReadonlyMap<string, ProgramRules>,
): HistoryRequest[] {
  return events.flatMap((event) => {
    const { type, programId, occurredAt, data } = event;
    const program = programs.get(programId);
    const isNew = type === 'kizuna.purchase.completed.v1' && !orders.get(orderName(refOf(event)))?.purchase;
    if (!program || !isNew || data.member_id === null) return [];
    const rules = purchaseRulesAt(program, occurredAt);
    return historyRequest({ programId, memberId: data.member_id, occurredAt }, rules, program.settings);
  });
}

function decideEvent(order: Order, event: Event, program: ProgramRules, history: MemberHistory): OrderChange {
  const { id, occurredAt, receivedAt } = event;
  const arrived: ArrivedEvent = {
    eventId: id,
    memberId: event.data.member_id,
    dataHash: canonicalHash(event.data),
    occurredAt,
    receivedAt,
  };
  if (event.type === 'kizuna.purchase.completed.v1')
    return recordPurchase(order, { ...arrived, facts: event.data }, program, history);
  const { refund_id, currency, lines, amount_minor, full } = event.data;
  return recordRefund(
    order,
    { ...arrived, refundId: refund_id, currency, lines, amount_minor, full },
    program.settings,
  );
}
