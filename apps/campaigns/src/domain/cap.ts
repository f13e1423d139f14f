import type { Cap } from './earning-rule.js';

/** What a rule has given a member in a month, clawbacks taken off. */
export interface CapUsage {
  readonly awards: number;
  readonly units: bigint;
}

export const UNUSED: CapUsage = { awards: 0, units: 0n };

/** Units that a cap leaves in the month. Undefined: it does not limit units, or has no award left. */
export function unitsLeft(cap: Cap, used: CapUsage): bigint | undefined {
  if (cap.awards !== undefined && used.awards >= cap.awards) return undefined;
  if (cap.units === undefined) return undefined;
  const left = BigInt(cap.units) - used.units;
  return left < 0n ? 0n : left;
}

/** How much of an award a cap leaves. A cap that is short grants what is left, unless it must be all or nothing. */
export function withinCap(amount: bigint, cap: Cap | undefined, used: CapUsage): bigint {
  if (!cap) return amount;
  if (cap.awards !== undefined && used.awards >= cap.awards) return 0n;
  if (cap.units === undefined) return amount;
  const left = BigInt(cap.units) - used.units;
  if (left >= amount) return amount;
  return left <= 0n || cap.all_or_nothing === true ? 0n : left;
}
