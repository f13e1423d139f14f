/**
 * Local days of a time zone, by the zone data of the platform (`Intl`) alone. Instants are milliseconds since 1970.
 */

export const DAY_MS = 86_400_000;

export interface Day {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
}

export interface LocalTime extends Day {
  readonly hour: number;
  /** 1 Monday to 7 Sunday */
  readonly weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const starts = new Map<string, number>();
/** One event asks for its own moments many times. */
const times = new Map<string, LocalTime>();
const TIMES_KEPT = 10_000;

function partsOf(instant: number, zone: string): Record<string, number> {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = 'numeric' as const;
    const fields = {
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    };
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      calendar: 'gregory',
      ...fields,
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}

export function localTime(instant: number, zone: string): LocalTime {
  const key = `${zone} ${instant}`;
  const time = times.get(key) ?? readLocalTime(instant, zone);
  if (times.size >= TIMES_KEPT) times.clear();
  times.set(key, time);
  return time;
}

function readLocalTime(instant: number, zone: string): LocalTime {
  const { year = 0, month = 1, day = 1, hour = 0 } = partsOf(instant, zone);
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, hour, weekday: weekday === 0 ? 7 : weekday };
}

export const localDay = (instant: number, zone: string): Day => localTime(instant, zone);

/** `2027-04`: the month that a cap counts in. */
export function localMonth(instant: number, zone: string): string {
  const { year, month } = localTime(instant, zone);
  return `${year}-${String(month).padStart(2, '0')}`;
}

/** The first instant of a local day: midnight, the earlier one of two, or the end of the gap that swallows it. */
export function startOfDay(day: Day, zone: string): number {
  const key = `${zone} ${day.year}-${day.month}-${day.day}`;
  const known = starts.get(key) ?? findStartOfDay(day, zone);
  starts.set(key, known);
  return known;
}

function findStartOfDay(day: Day, zone: string): number {
  const asUtc = Date.UTC(day.year, day.month - 1, day.day);
  const midnights = [asUtc - DAY_MS, asUtc + DAY_MS]
    .map((near) => asUtc - offset(near, zone))
    .filter((instant) => instant + offset(instant, zone) === asUtc);
  if (midnights.length > 0) return Math.min(...midnights);
  let [before, after] = [asUtc - 2 * DAY_MS, asUtc + 2 * DAY_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (middle + offset(middle, zone) < asUtc) before = middle;
    else after = middle;
  }
  return after;
}

export function plusDays({ year, month, day }: Day, count: number): Day {
  const moved = new Date(Date.UTC(year, month - 1, day + count));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** 31 January and a month is the last of February. */
export function plusMonths({ year, month, day }: Day, count: number): Day {
  const months = year * 12 + (month - 1) + count;
  const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
  return { year: toYear, month: toMonth, day: Math.min(day, lastOf(toYear, toMonth)) };
}

export function endOf(day: Day, period: 'none' | 'day' | 'month' | 'quarter' | 'year'): Day {
  if (period === 'none' || period === 'day') return day;
  const month = { month: day.month, quarter: Math.ceil(day.month / 3) * 3, year: 12 }[period];
  return { year: day.year, month, day: lastOf(day.year, month) };
}

/** A day of a year, `MM-DD`; 29 February is the 28th where there is none. */
export function dayOfYear(year: number, monthAndDay: string): Day {
  const [month = 1, day = 1] = monthAndDay.split('-').map(Number);
  return { year, month, day: Math.min(day, lastOf(year, month)) };
}

export function dayOf(date: string): Day {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return { year, month, day };
}

export const isBefore = (a: Day, b: Day): boolean =>
  Date.UTC(a.year, a.month - 1, a.day) < Date.UTC(b.year, b.month - 1, b.day);

const lastOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Local minus UTC, in milliseconds. */
function offset(instant: number, zone: string): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(instant, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000;
}
