import { fraction, type Fraction } from '@kizuna/kernel';
import type { Rate } from './earning-rule.js';

/** Exact units per purchase line: all numerators stand over one denominator, so that they add up and share out cheaply. */
export interface LineUnits {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

export const BASIS_POINTS = 10_000n;

export const nothing = (lines: number): LineUnits => ({
  numerators: Array.from({ length: lines }, () => 0n),
  denominator: 1n,
});

export const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

export function total({ numerators, denominator }: LineUnits): Fraction {
  return fraction(sum(numerators), denominator);
}

/** Money per line at a rate. */
export function exactUnits(eligible: readonly bigint[], { units, per_minor }: Rate): LineUnits {
  return { numerators: eligible.map((value) => value * BigInt(units)), denominator: BigInt(per_minor) };
}

/** Only whole steps of all the money count; what they give belongs to the lines in proportion to their money. */
export function stepUnits(eligible: readonly bigint[], { units, per_minor }: Rate): LineUnits {
  const money = sum(eligible);
  if (money === 0n) return nothing(eligible.length);
  const whole = (money / BigInt(per_minor)) * BigInt(units);
  return { numerators: eligible.map((value) => whole * value), denominator: money };
}

/** The same with fractions cut on every line: every line has its own steps. */
export function stepUnitsPerLine(eligible: readonly bigint[], { units, per_minor }: Rate): LineUnits {
  return {
    numerators: eligible.map((value) => (value / BigInt(per_minor)) * BigInt(units)),
    denominator: 1n,
  };
}

export function shareOfMoney(eligible: readonly bigint[], percentBp: number): LineUnits {
  return { numerators: eligible.map((value) => value * BigInt(percentBp)), denominator: BASIS_POINTS };
}

/** Puts the units of several rules, each on lines of its own, over one denominator. */
export function together(parts: readonly LineUnits[], lines: number): LineUnits {
  const denominator = parts.reduce((common, part) => leastCommonMultiple(common, part.denominator), 1n);
  const numerators = nothing(lines).numerators.map((none, i) =>
    parts.reduce(
      (units, part) => units + (part.numerators[i] ?? 0n) * (denominator / part.denominator),
      none,
    ),
  );
  return { numerators, denominator };
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}
