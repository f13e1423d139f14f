import { accept, MINUTE, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { IntakeRejection } from './intake-rejection.js';

/** How far a storefront's clock may be ahead of ours. */
const TOLERATED_MS = 10 * MINUTE;

type OccurredAtRejection = Extract<IntakeRejection, { code: 'occurred_in_future' | 'occurred_before_start' }>;

/** Is the business time of an event one that the program accepts? Exactly ten minutes ahead still is. */
export function checkOccurredAt(
  occurredAt: Instant,
  { now, startsAt }: { readonly now: Instant; readonly startsAt: Instant },
): Decision<Instant, OccurredAtRejection> {
  const latest = (now + TOLERATED_MS) as Instant;
  if (occurredAt > latest) return reject({ code: 'occurred_in_future', latest });
  if (occurredAt < startsAt) return reject({ code: 'occurred_before_start', startsAt });
  return accept(occurredAt);
}
