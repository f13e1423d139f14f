import { DAY, type Instant } from '@kizuna/kernel';

/** An event that comes so long after what it tells does not change balances in silence: it goes to review. */
export function isLate(occurredAt: Instant, receivedAt: Instant, lateWindowDays: number): boolean {
  return receivedAt - occurredAt > lateWindowDays * DAY;
}
