import { apportion } from '@kizuna/kernel';

/** The money of a purchase, in minor units of its currency. */
export interface PurchaseMoney {
  readonly lines: readonly {
    readonly quantity: number;
    readonly unit_price_minor: number;
    readonly discount_minor: number;
    readonly tax_minor?: number | undefined;
    readonly kind?: string | undefined;
  }[];
  readonly prices_include_tax: boolean;
  readonly discount_minor: number;
  readonly tax_minor: number;
  readonly paid_with_points_minor: number;
}

/** What one line is worth: in the purchase's own basis, and as a base for earning. Minor units. */
export interface LineBase {
  readonly paid: bigint;
  readonly eligible: bigint;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const atLeastZero = (a: bigint): bigint => (a < 0n ? 0n : a);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * The two amounts of every line (semantics, "Earning pipeline"):
 * paid = quantity × price − line discount − share of the order discount;
 * eligible = floor((paid − points) × (paid − tax) ÷ paid), where points and tax are shared in proportion to `paid`.
 * Gift cards are not eligible, yet bear their share of discounts. Shipping never counts.
 */
export function eligibleBase(
  purchase: PurchaseMoney,
  { earnNetOfTax }: { readonly earnNetOfTax: boolean },
): LineBase[] {
  const { lines } = purchase;
  const gross = lines.map((line) =>
    atLeastZero(BigInt(line.quantity) * BigInt(line.unit_price_minor) - BigInt(line.discount_minor)),
  );
  const discounts = apportion(least(BigInt(purchase.discount_minor), sum(gross)), gross);
  const paid = gross.map((value, i) => value - (discounts[i] ?? 0n));
  const points = apportion(least(BigInt(purchase.paid_with_points_minor), sum(paid)), paid);
  const taxes = earnNetOfTax && purchase.prices_include_tax ? includedTaxes(purchase, paid) : [];

  return lines.map(({ kind }, i) => {
    const value = paid[i] ?? 0n;
    if (kind === 'gift_card' || value === 0n) return { paid: value, eligible: 0n };
    return { paid: value, eligible: ((value - (points[i] ?? 0n)) * (value - (taxes[i] ?? 0n))) / value };
  });
}

/** A line's own tax where it is given; the rest of the order's tax is shared among the lines without one. */
function includedTaxes({ lines, tax_minor }: PurchaseMoney, paid: readonly bigint[]): bigint[] {
  const own = lines.map((line) => (line.tax_minor === undefined ? undefined : BigInt(line.tax_minor)));
  const rest = BigInt(tax_minor) - sum(own.map((tax) => tax ?? 0n));
  const shares = apportion(
    atLeastZero(rest),
    paid.map((value, i) => (own[i] === undefined ? value : 0n)),
  );
  return paid.map((value, i) => least(own[i] ?? shares[i] ?? 0n, value));
}
