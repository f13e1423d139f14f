import { createHash } from 'node:crypto';
import { Problem } from './problem.js';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Pass it as `cursor` for the next page; null at the end. */
  readonly next_cursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  /** The sort key of the last item of the page before. */
  readonly after: readonly string[] | undefined;
}

const check = (scope: string, values: string): string =>
  createHash('sha256').update(`${scope}\n${values}`).digest('base64url').slice(0, 12);

/**
 * Reads `limit` and `cursor` of a list. A cursor belongs to one list of one program (`scope`) and to this many key parts;
 * a foreign or altered one is refused, or a page would be skipped in silence.
 *
 * @throws Problem 400
 */
export function pageRequest(
  scope: string,
  parts: number,
  { limit, cursor }: { readonly limit?: string | undefined; readonly cursor?: string | undefined },
): PageRequest {
  const size = limit === undefined ? DEFAULT_LIMIT : Number(limit);
  if (!/^\d{1,4}$/.test(limit ?? '1') || size < 1 || size > MAX_LIMIT)
    throw new Problem(400, 'invalid_request', { detail: `limit is a whole number from 1 to ${MAX_LIMIT}` });
  if (cursor === undefined) return { limit: size, after: undefined };

  const [values = '', sum] = cursor.split('.');
  const text = Buffer.from(values, 'base64url').toString('utf8');
  const after: unknown = sum === check(scope, text) ? JSON.parse(text) : undefined;
  if (!Array.isArray(after) || after.length !== parts)
    throw new Problem(400, 'invalid_cursor', { detail: 'the cursor is not one of this list' });
  return { limit: size, after: after.map(String) };
}

/** Cuts `limit + 1` fetched rows to a page. */
export function pageOf<Row, Item>(
  scope: string,
  rows: readonly Row[],
  limit: number,
  { key, item }: { key(row: Row): readonly string[]; item(row: Row): Item },
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = rows.length > limit ? kept.at(-1) : undefined;
  return { items: kept.map(item), next_cursor: last ? cursorOf(scope, key(last)) : null };
}

/** The cursor of a place in a list, which `pageRequest` of the same scope reads again. */
export function cursorOf(scope: string, key: readonly string[]): string {
  const values = JSON.stringify(key);
  return `${Buffer.from(values).toString('base64url')}.${check(scope, values)}`;
}
