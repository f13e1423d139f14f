import { add, apportion, fraction, round, ZERO, type Fraction, type Rounding } from '@kizuna/kernel';
import type { RoundingScope } from './base-units.js';
import { sum, total, type LineUnits } from './line-units.js';

/** What a rule gives in whole units; `lines` sum to `amount`. */
export interface Rounded {
  readonly amount: bigint;
  readonly lines: readonly bigint[];
}

/**
 * Cumulative rounding along the chain of one wallet: what a rule gives is R(sum up to and with it) − R(sum before it), so it
 * never depends on a rule behind it. Under `order` that is one chain, and a rule's units are spread over its lines by largest
 * remainder; under `line` every line is a chain of its own.
 */
export class RoundingChain {
  private before: Fraction[];

  constructor(
    private readonly rounding: Rounding,
    private readonly scope: RoundingScope,
    lines: number,
  ) {
    this.before = Array.from({ length: scope === 'line' ? lines : 1 }, () => ZERO);
  }

  next(units: LineUnits): Rounded {
    if (this.scope === 'order') {
      const amount = this.step(0, total(units));
      return { amount, lines: apportion(amount, units.numerators) };
    }
    const lines = units.numerators.map((numerator, line) =>
      this.step(line, fraction(numerator, units.denominator)),
    );
    return { amount: sum(lines), lines };
  }

  /** Goes on from whole units: what comes behind works on awards as they were rounded. */
  settle(): void {
    this.before = this.before.map((value) => fraction(round(value, this.rounding)));
  }

  private step(index: number, exact: Fraction): bigint {
    const before = this.before[index] ?? ZERO;
    const after = add(before, exact);
    this.before[index] = after;
    return round(after, this.rounding) - round(before, this.rounding);
  }
}
