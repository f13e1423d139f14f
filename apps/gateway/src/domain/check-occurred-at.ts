import { accept, formatInstant, MINUTE, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { IntakeRejection } from './intake-rejection.js';

/** How far a storefront's clock may be ahead of ours. */
const TOLERATED_MS = 10 * MINUTE;

export const latestOccurredAt = (now: Instant): Instant => (now + TOLERATED_MS) as Instant;

/** Is the business time of an event one that the program accepts? Exactly ten minutes ahead still is. */
export function checkOccurredAt(
  occurredAt: Instant,
  { now, startsAt }: { readonly now: Instant; readonly startsAt: Instant },
): Decision<Instant, IntakeRejection> {
  const latest = latestOccurredAt(now);
  if (occurredAt > latest)
    return refuse(
      'occurred_in_future',
      `is more than 10 minutes ahead; ${formatInstant(latest)} is the latest now`,
    );
  return checkStart(occurredAt, startsAt);
}

/** The half of it that a question about a day to come has to pass as well. */
export function checkStart(occurredAt: Instant, startsAt: Instant): Decision<Instant, IntakeRejection> {
  if (occurredAt < startsAt)
    return refuse('occurred_before_start', `is before the start of the program, ${formatInstant(startsAt)}`);
  return accept(occurredAt);
}

function refuse(code: IntakeRejection['code'], detail: string): Decision<never, IntakeRejection> {
  return reject({ code, faults: [{ pointer: '/occurred_at', detail }] });
}
