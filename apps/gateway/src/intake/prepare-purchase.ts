import { checkPurchaseBody, purchaseCompleted } from '@kizuna/contracts';
import { instant, reject, type Decision } from '@kizuna/kernel';
import { checkOccurredAt } from '../domain/check-occurred-at.js';
import { checkPurchase } from '../domain/check-purchase.js';
import type { IntakeRejection } from '../domain/intake-rejection.js';
import { aboutOrder, intakeEvent, type IntakeEvent, type Intaker } from './intake-event.js';

/** From a purchase as it was posted to the event to publish. */
export function preparePurchase(body: unknown, intaker: Intaker): Decision<IntakeEvent, IntakeRejection> {
  const checked = checkPurchaseBody(body);
  if (!checked.valid) return reject({ code: 'invalid_request', faults: checked.faults });
  const purchase = checked.value;
  const faults = checkPurchase(purchase);
  if (faults.length > 0) return reject({ code: 'invalid_request', faults });
  const occurred = checkOccurredAt(instant(purchase.occurred_at), intaker);
  if (!occurred.accepted) return occurred;
  return intakeEvent(
    {
      contract: purchaseCompleted,
      eventId: `purchase:${purchase.order_id}`,
      occurredAt: occurred.value,
      body: purchase,
      about: aboutOrder(intaker.programId, purchase),
    },
    intaker,
  );
}
