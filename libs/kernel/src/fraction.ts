import { invariant } from './invariant.js';

/** An exact rational; the denominator is positive. Not reduced: reduction costs more than it saves at our sizes. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ZERO: Fraction = { numerator: 0n, denominator: 1n };

export function fraction(numerator: bigint | number, denominator: bigint | number = 1n): Fraction {
  const below = BigInt(denominator);
  invariant(below > 0n, 'a fraction has a positive denominator');
  return { numerator: BigInt(numerator), denominator: below };
}

export function add(a: Fraction, b: Fraction): Fraction {
  if (a.denominator === b.denominator)
    return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export type Rounding = 'floor' | 'half_even' | 'ceil';

/** Rounds a fraction >= 0 to a whole number. */
export function round({ numerator, denominator }: Fraction, rounding: Rounding): bigint {
  invariant(numerator >= 0n, 'awards are rounded from amounts >= 0');
  const below = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n || rounding === 'floor') return below;
  if (rounding === 'ceil') return below + 1n;
  const twice = rest * 2n;
  if (twice === denominator) return below % 2n === 0n ? below : below + 1n;
  return twice > denominator ? below + 1n : below;
}
