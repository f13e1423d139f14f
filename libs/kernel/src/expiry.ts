import {
  addToDay,
  endOfDay,
  endOfPeriod,
  localDay,
  startOfDay,
  type CalendarPeriod,
  type CalendarUnit,
  type LocalDay,
} from './calendar.js';
import type { Instant } from './instant.js';

/**
 * When units lapse. `rolling`: so long after their release. `inactivity`: so long after the member's last activity, kept by
 * the wallet. `fixed_dates`: on the next of these days of the year (`MM-DD`) that leaves the least life.
 */
export type ExpiryPolicy =
  | { readonly kind: 'never' }
  | {
      readonly kind: 'rolling' | 'inactivity';
      readonly count: number;
      readonly unit: CalendarUnit;
      readonly round_to: 'none' | CalendarPeriod;
    }
  | { readonly kind: 'fixed_dates'; readonly dates: readonly string[] };

/**
 * When a lot that is released at `releasedAt` lapses: the start of the day after its last one. Undefined = never. Of
 * `inactivity`, when it lapses if the member did nothing after that: the wallet moves the date with each activity.
 */
export function expiresAt(
  policy: ExpiryPolicy,
  releasedAt: Instant,
  { timeZone, minLifeDays }: { readonly timeZone: string; readonly minLifeDays: number },
): Instant | undefined {
  if (policy.kind === 'never') return undefined;
  const day = localDay(releasedAt, timeZone);
  if (policy.kind === 'fixed_dates')
    return endOfDay(nextFixedDate(policy.dates, addToDay(day, minLifeDays, 'day')), timeZone);
  const last = addToDay(day, policy.count, policy.unit);
  return endOfDay(policy.round_to === 'none' ? last : endOfPeriod(last, policy.round_to), timeZone);
}

/** Pending for N days after the day of `at`: released at the start of day D + N + 1. */
export function releasedAfter(at: Instant, days: number, timeZone: string): Instant {
  return startOfDay(addToDay(localDay(at, timeZone), days + 1, 'day'), timeZone);
}

function nextFixedDate(dates: readonly string[], earliest: LocalDay): LocalDay {
  const year = Number(earliest.slice(0, 4));
  const days = [year, year + 1].flatMap((of) => dates.map((date) => clampedDay(of, date))).sort();
  return days.find((day) => day >= earliest) ?? earliest;
}

/** 29 February is the 28th in a common year. */
function clampedDay(year: number, date: string): LocalDay {
  const [month = '01', day = '01'] = date.split('-');
  const first = `${String(year).padStart(4, '0')}-${month}-01` as LocalDay;
  const wanted = `${first.slice(0, 8)}${day}` as LocalDay;
  const last = endOfPeriod(first, 'month');
  return wanted < last ? wanted : last;
}
