import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { formatInstant, parseInstant } from '@kizuna/kernel';

/**
 * SHA-256 of the canonical data of an event (RFC 8785, `occurred_at` in UTC): tells a repetition from a conflict. The
 * data alone is hashed; when and how it travelled is not part of it.
 */
export function canonicalHash(data: Readonly<Record<string, unknown>>): string {
  const occurredAt = typeof data['occurred_at'] === 'string' ? parseInstant(data['occurred_at']) : undefined;
  const normal = occurredAt === undefined ? data : { ...data, occurred_at: formatInstant(occurredAt) };
  return createHash('sha256')
    .update(canonicalize(normal) ?? '')
    .digest('hex');
}
