import { minor, type Minor } from '@kizuna/kernel';

/** So many `units` are worth `minor` of `currency`. */
export interface UnitValue {
  readonly currency: string;
  readonly minor: number;
  readonly units: number;
}

export interface Money {
  readonly currency: string;
  readonly minor: Minor;
}

const BASIS_POINTS = 10_000n;

/** What units are worth, fractions of a minor unit cut. */
export function worthOf(units: number, { currency, minor: price, units: per }: UnitValue): Money {
  return { currency, minor: minor((BigInt(units) * BigInt(price)) / BigInt(per)) };
}

/** Are units worth more than this share of an order? Compared exactly, without rounding their value first. */
export function isAboveShare(units: number, value: UnitValue, order: Minor, shareBp: number): boolean {
  return (
    BigInt(units) * BigInt(value.minor) * BASIS_POINTS > BigInt(order) * BigInt(shareBp) * BigInt(value.units)
  );
}
