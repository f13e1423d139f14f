import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { formatInstant, parseInstant } from '@kizuna/kernel';

/**
 * SHA-256 of the canonical data of an event (RFC 8785, `occurred_at` in UTC): tells a repetition from a conflict. The
 * data alone is hashed; when and how it travelled is not part of it.
 */
export function canonicalHash(data: Readonly<Record<string, unknown>>): string {
  const sorted = sortedObject(data);
  const text = sorted && JSON.stringify(inUtc(sorted));
  return hash('sha256', text === undefined || LONE_SURROGATE.test(text) ? slowly(data) : text);
}

/** The serialiser writes half a surrogate pair as an escape, which the canonical form has none of. */
const LONE_SURROGATE = /\\u[dD]/;

function slowly(data: Readonly<Record<string, unknown>>): string {
  return canonicalize(inUtc({ ...data })) ?? '';
}

function inUtc(data: Record<string, unknown>): Record<string, unknown> {
  const { occurred_at: text } = data;
  const occurredAt = typeof text === 'string' ? parseInstant(text) : undefined;
  if (occurredAt !== undefined) data['occurred_at'] = formatInstant(occurredAt);
  return data;
}

/**
 * The same object with its keys in canonical order, so that the native serialiser, which writes strings and numbers as the
 * canonical form wants them, does the rest three times as fast. Undefined where that is not so: keys that look like
 * indexes come first in any object of ours, and `__proto__` would be no key of it.
 */
function sortedObject(value: object): Record<string, unknown> | undefined {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const first = key.charCodeAt(0);
    if ((first >= DIGIT_0 && first <= DIGIT_9) || key === '__proto__') return undefined;
    const own = sortedValue((value as Record<string, unknown>)[key]);
    if (own === REFUSED) return undefined;
    sorted[key] = own;
  }
  return sorted;
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const REFUSED = Symbol('not in canonical order');

function sortedValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : REFUSED;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined)
    return value;
  if (typeof value !== 'object') return REFUSED;
  if (!Array.isArray(value)) return sortedObject(value) ?? REFUSED;
  const list: readonly unknown[] = value.map(sortedValue);
  return list.includes(REFUSED) ? REFUSED : list;
}
