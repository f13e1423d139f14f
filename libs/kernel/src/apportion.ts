import { invariant } from './invariant.js';

/**
 * Splits a whole amount in proportion to weights by the method of the largest remainder: floors first, then one unit
 * each to the largest fractions, ties in order. The parts sum to the amount; with all weights zero every part is zero.
 *
 * @param total not negative; @param weights not negative
 */
export function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  invariant(total >= 0n && weights.every((weight) => weight >= 0n), 'apportion works on amounts >= 0');
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map(() => 0n);

  const parts = weights.map((weight) => (total * weight) / sum);
  let rest = total - parts.reduce((a, b) => a + b, 0n);
  if (rest === 0n) return parts;
  const byFraction = weights
    .map((weight, index) => ({ index, fraction: (total * weight) % sum }))
    .sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  for (const { index } of byFraction) {
    if (rest === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    rest -= 1n;
  }
  return parts;
}
