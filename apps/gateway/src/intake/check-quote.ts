import { checkQuoteBody, type QuoteBody } from '@kizuna/contracts';
import { accept, instant, reject, type Decision } from '@kizuna/kernel';
import { checkStart } from '../domain/check-occurred-at.js';
import { checkPurchase } from '../domain/check-purchase.js';
import type { IntakeRejection } from '../domain/intake-rejection.js';
import type { Intaker } from './intake-event.js';

/**
 * What this door refuses of a purchase it refuses of a quote, or a cart would be promised units that its order never
 * earns. Only a date to come is no fault: one may ask what next week's campaign will give.
 */
export function checkQuote(
  body: unknown,
  { now, startsAt }: Pick<Intaker, 'now' | 'startsAt'>,
): Decision<QuoteBody, IntakeRejection> {
  const checked = checkQuoteBody(body);
  if (!checked.valid) return reject({ code: 'invalid_request', faults: checked.faults });
  const quote = checked.value;
  const faults = checkPurchase(quote);
  if (faults.length > 0) return reject({ code: 'invalid_request', faults });
  const occurred = checkStart(quote.occurred_at === undefined ? now : instant(quote.occurred_at), startsAt);
  return occurred.accepted ? accept(quote) : occurred;
}
