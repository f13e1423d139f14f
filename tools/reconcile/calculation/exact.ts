/** Money and units are BigInt from the first read to the last division; nothing on this path is ever a float. */

export type Rounding = 'floor' | 'half_even' | 'ceil';

/** In lowest terms, `d` above zero. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export function fraction(n: bigint, d: bigint): Fraction {
  const divisor = greatestDivisor(n < 0n ? -n : n, d);
  return { n: n / divisor, d: d / divisor };
}

export const whole = (n: bigint): Fraction => ({ n, d: 1n });
export const ZERO = whole(0n);
export const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d);
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const total = (values: readonly Fraction[]): Fraction => values.reduce(plus, ZERO);

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const notBelowZero = (a: bigint): bigint => most(a, 0n);
export const sum = (values: readonly bigint[]): bigint =>
  values.reduce((before, value) => before + value, 0n);
export const minor = (value: number | null | undefined): bigint => BigInt(value ?? 0);

export const at = <T>(values: readonly T[], index: number): T => {
  const value = values[index];
  if (value === undefined) throw new Error(`no element ${index}`);
  return value;
};

/** Largest remainder: floors first, then one each to the largest fractions, ties in line order. */
export function share(amount: bigint, weights: readonly bigint[]): bigint[] {
  const all = sum(weights);
  if (all === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (amount * weight) / all);
  const fractions = weights.map((weight, line) => ({ line, rest: (amount * weight) % all }));
  fractions.sort((a, b) => (a.rest === b.rest ? a.line - b.line : a.rest > b.rest ? -1 : 1));
  const missing = Number(amount - sum(shares));
  for (const { line } of fractions.slice(0, missing)) shares[line] = at(shares, line) + 1n;
  return shares;
}

/** The same over weights that are fractions. */
export function shareExactly(amount: bigint, weights: readonly Fraction[]): bigint[] {
  const denominator = weights.reduce((common, { d }) => (common / greatestDivisor(common, d)) * d, 1n);
  return share(
    amount,
    weights.map(({ n, d }) => n * (denominator / d)),
  );
}

export function rounded({ n, d }: Fraction, how: Rounding): bigint {
  const floor = n / d;
  const rest = n % d;
  if (rest === 0n || how === 'floor') return floor;
  if (how === 'ceil') return floor + 1n;
  const half = rest * 2n - d;
  return half > 0n || (half === 0n && floor % 2n === 1n) ? floor + 1n : floor;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [divisor, rest] = [a, b];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return divisor === 0n ? 1n : divisor;
}
