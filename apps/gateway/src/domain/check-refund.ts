import type { Fault } from './fault.js';
import { repeatedLineIds } from './repeated-ids.js';

export interface RefundLines {
  readonly lines?: readonly { readonly line_id: string }[];
}

/**
 * What a refund alone can get wrong. Whether its lines and amounts fit the purchase is judged where both are known; too
 * much is reported there and is no reason to refuse the fact.
 */
export function checkRefund({ lines = [] }: RefundLines): Fault[] {
  return repeatedLineIds(lines);
}
