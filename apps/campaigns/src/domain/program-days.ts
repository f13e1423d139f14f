import { addToDay, endOfDay, localDay, startOfDay, type Instant, type LocalDay } from '@kizuna/kernel';

interface Day {
  readonly day: LocalDay;
  readonly start: Instant;
  readonly end: Instant;
}

const MAX_DAYS = 4_000;
const known = new Map<string, Day[]>();
const UTC_DAY = 86_400_000;

/**
 * The day of an instant in a zone, from memory where any instant of the same day was asked for before: working a day out
 * costs more than deciding a purchase.
 */
export function dayOf(at: Instant, timeZone: string): LocalDay {
  const name = `${timeZone} ${Math.floor(at / UTC_DAY)}`;
  const days = known.get(name);
  const found = days?.find(({ start, end }) => start <= at && at < end);
  if (found) return found.day;
  const day = localDay(at, timeZone);
  if (known.size >= MAX_DAYS) known.clear();
  known.set(name, [...(days ?? []), { day, start: startOfDay(day, timeZone), end: endOfDay(day, timeZone) }]);
  return day;
}

/** `YYYY-MM` of an instant in a zone: what caps count by. */
export function monthOf(at: Instant, timeZone: string): string {
  return dayOf(at, timeZone).slice(0, -'-DD'.length);
}

export interface Month {
  /** `YYYY-MM` */
  readonly month: string;
  readonly from: Instant;
  readonly to: Instant;
}

const MAX_MONTHS = 1_000;
const months = new Map<string, Month>();

/** The month of an instant in a zone, as the moments `[from, to)`. */
export function monthRange(at: Instant, timeZone: string): Month {
  const month = monthOf(at, timeZone);
  const name = `${timeZone} ${month}`;
  const found = months.get(name);
  if (found) return found;
  const first = `${month}-01` as LocalDay;
  const made = {
    month,
    from: startOfDay(first, timeZone),
    to: startOfDay(addToDay(first, 1, 'month'), timeZone),
  };
  if (months.size >= MAX_MONTHS) months.clear();
  months.set(name, made);
  return made;
}
