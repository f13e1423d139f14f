import { canonicalHash } from '@kizuna/contracts';
import { Problem } from '@kizuna/service';
import type { RuleRequest } from '../storage/rule-versions.js';

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * What makes a repeated command recognisable: its Idempotency-Key and a hash of what it asks. Undefined without a key.
 *
 * @throws Problem 400
 */
export function requestOf(
  key: string | undefined,
  asked: Readonly<Record<string, unknown>>,
): RuleRequest | undefined {
  if (key === undefined) return undefined;
  if (!KEY.test(key))
    throw new Problem(400, 'invalid_request', {
      detail: 'Idempotency-Key has 1 to 200 visible ASCII characters',
    });
  // Through JSON, so that what was not said and what is undefined are the same.
  return { key, hash: canonicalHash(JSON.parse(JSON.stringify(asked)) as Record<string, unknown>) };
}
