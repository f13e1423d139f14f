import { invariant } from './invariant.js';

/** A moment, in milliseconds since the Unix epoch. */
export type Instant = number & { readonly __brand: 'Instant' };

/** The last moment that RFC 3339 can write: later ones would leave this system in another form than they are read in. */
export const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999) as Instant;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

const RFC3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const LAST_DAY_OF_ALL = 28;

/**
 * Reads an RFC 3339 instant with its offset; fractions beyond milliseconds are cut. Undefined when it is not one: a
 * calendar that does not exist (31 February) is refused, which `Date.parse` alone would roll over, and so are a time before
 * 1970, which no id of ours can carry, and one after 9999 in UTC, which could not be written again.
 */
export function parseInstant(text: string): Instant | undefined {
  if (!RFC3339.test(text)) return undefined;
  const day = Number(text.slice(8, 10));
  if (day > LAST_DAY_OF_ALL && day > daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7))))
    return undefined;
  const ms = Date.parse(text.endsWith('Z') && text[10] === 'T' ? text : text.toUpperCase());
  return Number.isNaN(ms) || ms < 0 || ms > LAST_INSTANT ? undefined : (ms as Instant);
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

export function instant(value: string | number | Date): Instant {
  const ms = typeof value === 'string' ? parseInstant(value) : Number(value);
  invariant(ms !== undefined && Number.isSafeInteger(ms), `not an instant: ${String(value)}`);
  return ms as Instant;
}

const MAX_WRITTEN = 1_000;
/** What was written of late: the instants of a chunk lie close together, and each is written several times. */
const written = new Map<Instant, string>();

/** RFC 3339 in UTC with milliseconds, the one form in which instants leave this system. */
export function formatInstant(at: Instant): string {
  const known = written.get(at);
  if (known !== undefined) return known;
  const text = new Date(at).toISOString();
  if (written.size >= MAX_WRITTEN) written.clear();
  written.set(at, text);
  return text;
}
