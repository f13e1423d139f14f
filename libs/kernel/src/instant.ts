import { invariant } from './invariant.js';

/** A moment, in milliseconds since the Unix epoch. */
export type Instant = number & { readonly __brand: 'Instant' };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads an RFC 3339 instant with its offset; fractions beyond milliseconds are cut. Undefined when it is not one: a
 * calendar that does not exist (31 February) is refused, which `Date.parse` alone would roll over, and so is a time before
 * 1970, which no id of ours can carry.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as [number, ...number[]];
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  if (!month || month > 12 || !day || day > days) return undefined;
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return undefined;
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) || ms < 0 ? undefined : (ms as Instant);
}

export function instant(value: string | number | Date): Instant {
  const ms = typeof value === 'string' ? parseInstant(value) : Number(value);
  invariant(ms !== undefined && Number.isSafeInteger(ms), `not an instant: ${String(value)}`);
  return ms as Instant;
}

/** RFC 3339 in UTC with milliseconds, the one form in which instants leave this system. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}
