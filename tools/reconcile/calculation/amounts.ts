import { at, least, minor, notBelowZero, share, sum } from './exact.js';
import type { LineFilter, Purchase, PurchaseLine } from './requests.js';

/** Of every line: what was paid for it, the basis of refunds, and what of that earns. */
export interface Amounts {
  readonly paid: readonly bigint[];
  readonly eligible: readonly bigint[];
}

export const NO_AMOUNTS: Amounts = { paid: [], eligible: [] };

/** paid_i and eligible_i of every line. Discounts and points above what they can reduce are capped, never negative. */
export function amountsOf(purchase: Purchase, earnNetOfTax: boolean): Amounts {
  const { lines } = purchase;
  const gross = lines.map((line) =>
    notBelowZero(minor(line.quantity) * minor(line.unit_price_minor) - minor(line.discount_minor)),
  );
  const discounts = share(least(minor(purchase.discount_minor), sum(gross)), gross);
  const paid = gross.map((value, i) => value - at(discounts, i));
  const points = share(least(minor(purchase.paid_with_points_minor), sum(paid)), paid);

  // A line that states its tax keeps it; only what is left of the order's tax is shared, and only among the others.
  const stated = sum(lines.map((line) => minor(line.tax_minor)));
  const unstated = lines.map((line, i) => (typeof line.tax_minor === 'number' ? 0n : at(paid, i)));
  const shared = share(notBelowZero(minor(purchase.tax_minor) - stated), unstated);

  const eligible = lines.map((line, i) => {
    const value = at(paid, i);
    if (value === 0n || line.kind === 'gift_card') return 0n;
    const counts = purchase.prices_include_tax && earnNetOfTax;
    const tax = counts ? least(minor(line.tax_minor) + at(shared, i), value) : 0n;
    return ((value - at(points, i)) * (value - tax)) / value;
  });
  return { paid, eligible };
}

export function isInFilter(filter: LineFilter | null | undefined, line: PurchaseLine): boolean {
  const fits = (wanted: readonly string[] | undefined, value: unknown): boolean =>
    wanted === undefined || (value !== undefined && value !== null && wanted.includes(String(value)));
  return (
    fits(filter?.skus, line.sku) &&
    fits(filter?.categories, line.category) &&
    fits(filter?.brands, line.brand) &&
    fits(filter?.kinds, line.kind ?? 'product') &&
    Object.entries(filter?.attributes ?? {}).every(([name, wanted]) => fits(wanted, line.attributes?.[name]))
  );
}
