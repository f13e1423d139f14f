import {
  dayOf,
  dayOfYear,
  endOf,
  isBefore,
  localDay,
  plusDays,
  plusMonths,
  startOfDay,
  type Day,
} from './calendar.js';
import type { ExpiryPolicy, Pending, ProgramFacts, Rule } from './requests.js';

/** 9999-12-31T23:59:59.999Z: later moments have no four-digit year. A release is cut to it, an expiry after it is never. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What a rule says about waiting. Of a purchase, silence means the return window; of an engagement, at once. */
export function pendingOf(rule: Rule, { return_window_days: window }: ProgramFacts): Pending {
  if (rule.pending) return rule.pending;
  if (rule.trigger !== 'purchase' || typeof window !== 'number') return { kind: 'none' };
  return { kind: 'duration', days: window };
}

/** Released at 00:00 local time of the day after the last day of waiting. @returns undefined when it is at once */
export function releaseOf(pending: Pending, occurredAt: number, zone: string): number | undefined {
  if (pending.kind === 'none') return undefined;
  const day =
    pending.kind === 'duration'
      ? plusDays(localDay(occurredAt, zone), pending.days + 1)
      : dayOf(pending.date);
  const release = Math.min(startOfDay(day, zone), END_OF_TIME);
  return release > occurredAt ? release : undefined;
}

/** The policy yields a local day; units are usable through it. @returns undefined for never */
export function expiryOf(
  policy: ExpiryPolicy | null | undefined,
  releasedAt: number,
  { time_zone: zone, min_life_days: minLife = 90 }: ProgramFacts,
): number | undefined {
  if (!policy || policy.kind === 'never') return undefined;
  const released = localDay(releasedAt, zone);
  const last =
    policy.kind === 'fixed_dates'
      ? firstDate(policy.dates ?? [], plusDays(released, minLife))
      : endOf(rolledOn(released, policy), policy.round_to ?? 'none');
  const expiry = startOfDay(plusDays(last, 1), zone);
  return expiry > END_OF_TIME ? undefined : expiry;
}

/** Units that are given back live through the day so many days from now, at least. */
export function restoredUntil(
  now: number,
  { time_zone: zone, min_restored_days: days = 30 }: ProgramFacts,
): number {
  return startOfDay(plusDays(localDay(now, zone), days + 1), zone);
}

function rolledOn(day: Day, { count = 1, unit = 'month' }: ExpiryPolicy): Day {
  if (unit === 'day') return plusDays(day, count);
  return plusMonths(day, unit === 'year' ? count * 12 : count);
}

/** The first of the dates that is not before a day. */
function firstDate(dates: readonly string[], notBefore: Day): Day {
  for (let year = notBefore.year; ; year += 1) {
    const days = dates.map((date) => dayOfYear(year, date)).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const found = days.find((day) => !isBefore(day, notBefore));
    if (found !== undefined) return found;
    if (dates.length === 0) throw new Error('fixed dates without a date');
  }
}
