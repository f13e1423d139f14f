import { invariant } from './invariant.js';

/** Whole units of a wallet; a safe integer, may be negative only where a document says so. */
export type Points = number & { readonly __brand: 'Points' };

/** Integer minor units of a currency (JPY: yen, EUR: cents, KWD: fils). */
export type Minor = number & { readonly __brand: 'Minor' };

export function points(units: number | bigint): Points {
  const value = Number(units);
  invariant(Number.isSafeInteger(value), `points are safe integers, not ${units}`);
  return value as Points;
}

export function minor(units: number | bigint): Minor {
  const value = Number(units);
  invariant(Number.isSafeInteger(value), `minor units are safe integers, not ${units}`);
  return value as Minor;
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Is this an ISO 4217 code that the runtime's currency table knows? */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}
