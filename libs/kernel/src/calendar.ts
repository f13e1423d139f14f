import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.js';

/** A day of a calendar without a zone, `YYYY-MM-DD`. */
export type LocalDay = string & { readonly __brand: 'LocalDay' };
export type CalendarUnit = 'day' | 'month' | 'year';
export type CalendarPeriod = 'day' | 'month' | 'quarter' | 'year';

const MONTHS_OF_A_QUARTER = 3;

const zoned = (at: Instant, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** The day on which an instant falls in a zone. */
export function localDay(at: Instant, timeZone: string): LocalDay {
  return zoned(at, timeZone).toPlainDate().toString() as LocalDay;
}

/** Month, hour and weekday (1 = Monday … 7 = Sunday) of an instant in a zone. */
export function localTime(
  at: Instant,
  timeZone: string,
): { readonly month: number; readonly hour: number; readonly weekday: number } {
  const { month, hour, dayOfWeek } = zoned(at, timeZone);
  return { month, hour, weekday: dayOfWeek };
}

/** The first instant of a day in a zone: 00:00, or what comes after it where the clocks jump over midnight. */
export function startOfDay(day: LocalDay, timeZone: string): Instant {
  return Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds as Instant;
}

/** Month arithmetic clamps: 31 January and one month is 28 or 29 February. */
export function addToDay(day: LocalDay, count: number, unit: CalendarUnit): LocalDay {
  const duration = { [`${unit}s`]: count } as Temporal.DurationLike;
  return Temporal.PlainDate.from(day).add(duration, { overflow: 'constrain' }).toString() as LocalDay;
}

/** The last day of the period in which a day lies. */
export function endOfPeriod(day: LocalDay, period: CalendarPeriod): LocalDay {
  const date = Temporal.PlainDate.from(day);
  if (period === 'day') return day;
  const month =
    period === 'month'
      ? date.month
      : period === 'quarter'
        ? Math.ceil(date.month / MONTHS_OF_A_QUARTER) * MONTHS_OF_A_QUARTER
        : date.monthsInYear;
  const first = Temporal.PlainDate.from({ year: date.year, month, day: 1 });
  return first.with({ day: first.daysInMonth }).toString() as LocalDay;
}

/** The last instant-free moment of "usable through this day": the start of the next local day. */
export function endOfDay(day: LocalDay, timeZone: string): Instant {
  return startOfDay(addToDay(day, 1, 'day'), timeZone);
}
