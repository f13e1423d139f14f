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
import { LAST_INSTANT, type Instant } from './instant.js';

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
 * When a lot that is released at `releasedAt` lapses: the start of the day after its last one. Undefined = never, which is
 * also what a moment means that no calendar of ours can write (after 9999). Of `inactivity`, when it lapses if the member did
 * nothing after that: the wallet moves the date with each activity.
 */
export function expiresAt(
  policy: ExpiryPolicy,
  releasedAt: Instant,
  { timeZone, minLifeDays }: { readonly timeZone: string; readonly minLifeDays: number },
): Instant | undefined {
  if (policy.kind === 'never') return undefined;
  const day = localDay(releasedAt, timeZone);
  const last =
    policy.kind === 'fixed_dates'
      ? nextFixedDate(policy.dates, addToDay(day, minLifeDays, 'day'))
      : roundedUp(addToDay(day, policy.count, policy.unit), policy.round_to);
  const at = last && endOfDay(last, timeZone);
  return at === undefined || at > LAST_INSTANT ? undefined : at;
}

function roundedUp(day: LocalDay, period: 'none' | CalendarPeriod): LocalDay {
  return period === 'none' ? day : endOfPeriod(day, period);
}

/** Pending for N days after the day of `at`: released at the start of day D + N + 1, or at the last moment of all. */
export function releasedAfter(at: Instant, days: number, timeZone: string): Instant {
  const release = startOfDay(addToDay(localDay(at, timeZone), days + 1, 'day'), timeZone);
  return release > LAST_INSTANT ? LAST_INSTANT : release;
}

const LAST_YEAR = 9_999;
const lengthOfMonthAndDay = '-MM-DD'.length;

/** Undefined: the calendar ends before it. */
function nextFixedDate(dates: readonly string[], earliest: LocalDay): LocalDay | undefined {
  // Beyond its last year a day has six digits and a sign.
  const year = Number(earliest.slice(0, -lengthOfMonthAndDay));
  const years = [year, year + 1].filter((one) => one <= LAST_YEAR);
  const days = years.flatMap((of) => dates.map((date) => clampedDay(of, date))).sort();
  return days.find((day) => day >= earliest);
}

/** 29 February is the 28th in a common year. */
function clampedDay(year: number, date: string): LocalDay {
  const [month = '01', day = '01'] = date.split('-');
  const first = `${String(year).padStart(4, '0')}-${month}-01` as LocalDay;
  const wanted = `${first.slice(0, 8)}${day}` as LocalDay;
  const last = endOfPeriod(first, 'month');
  return wanted < last ? wanted : last;
}
