import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { formatInstant, parseInstant } from '@kizuna/kernel';

/**
 * SHA-256 of the canonical data of an event (RFC 8785, `occurred_at` in UTC): tells a repetition from a conflict. The
 * data alone is hashed; when and how it travelled is not part of it.
 */
export function canonicalHash(data: Readonly<Record<string, unknown>>): string {
  const sorted = sortedObject(data);
  if (!sorted) return hashOf(canonicalize(inUtc({ ...data })) ?? '');
  return hashOf(JSON.stringify(inUtc(sorted)));
}

function hashOf(text: string): string {
  return hash('sha256', text);
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
 * indexes come first in any object of ours, and lone surrogates are the library's to refuse.
 */
function sortedObject(value: object): Record<string, unknown> | undefined {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    if (INDEX_LIKE.test(key) || !key.isWellFormed()) return undefined;
    const own = sortedValue((value as Record<string, unknown>)[key]);
    if (own === REFUSED) return undefined;
    sorted[key] = own;
  }
  return sorted;
}

const INDEX_LIKE = /^\d/;
const REFUSED = Symbol('not in canonical order');

function sortedValue(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : REFUSED;
  if (typeof value === 'number') return Number.isFinite(value) ? value : REFUSED;
  if (typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value !== 'object') return REFUSED;
  if (!Array.isArray(value)) return sortedObject(value) ?? REFUSED;
  const list: readonly unknown[] = value.map(sortedValue);
  return list.includes(REFUSED) ? REFUSED : list;
}
