import { checkRefundBody, purchaseRefunded } from '@kizuna/contracts';
import { instant, reject, type Decision } from '@kizuna/kernel';
import { checkOccurredAt } from '../domain/check-occurred-at.js';
import { checkRefund } from '../domain/check-refund.js';
import type { IntakeRejection } from '../domain/intake-rejection.js';
import { aboutOrder, intakeEvent, type IntakeEvent, type Intaker } from './intake-event.js';

/** From a refund as it was posted to the event to publish. */
export function prepareRefund(body: unknown, intaker: Intaker): Decision<IntakeEvent, IntakeRejection> {
  const checked = checkRefundBody(body);
  if (!checked.valid) return reject({ code: 'invalid_request', faults: checked.faults });
  const refund = checked.value;
  const faults = checkRefund(refund);
  if (faults.length > 0) return reject({ code: 'invalid_request', faults });
  const occurred = checkOccurredAt(instant(refund.occurred_at), intaker);
  if (!occurred.accepted) return occurred;
  return intakeEvent(
    {
      contract: purchaseRefunded,
      eventId: `refund:${refund.order_id}:${refund.refund_id}`,
      occurredAt: occurred.value,
      body: refund,
      about: aboutOrder(intaker.programId, refund),
    },
    intaker,
  );
}

/** The refund of the order that the path names: the body may leave `order_id` out, and may not name another order. */
export function prepareRefundOf(
  orderId: string,
  body: unknown,
  intaker: Intaker,
): Decision<IntakeEvent, IntakeRejection> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return prepareRefund(body, intaker);
  const { order_id: named = orderId } = body as { order_id?: unknown };
  if (named !== orderId)
    return reject({
      code: 'invalid_request',
      faults: [{ pointer: '/order_id', detail: 'is not the order of the path' }],
    });
  return prepareRefund({ ...body, order_id: orderId }, intaker);
}
