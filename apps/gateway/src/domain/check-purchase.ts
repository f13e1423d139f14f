import type { Fault } from './fault.js';
import { repeatedLineIds } from './repeated-ids.js';

/** The figures of a purchase; whole minor units, never negative, each below 2^53. */
export interface PurchaseFigures {
  readonly lines: readonly LineFigures[];
  readonly prices_include_tax: boolean;
  readonly discount_minor: number;
  readonly tax_minor: number;
  readonly shipping_minor: number;
  readonly paid_with_points_minor: number;
}

export interface LineFigures {
  readonly line_id: string;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly discount_minor: number;
  readonly tax_minor?: number;
}

/**
 * What the schema cannot say: line ids are unique and the figures fit each other. The order's figures are judged only
 * when every line's are sound, so that one fault is not reported five times.
 *
 * A product or sum beyond 2^53 - 1 rounds to 2^53 or more, so asking whether the result is a safe integer is exact.
 */
export function checkPurchase(purchase: PurchaseFigures): Fault[] {
  const lineFaults = purchase.lines.flatMap(checkLine);
  const orderFaults = lineFaults.length === 0 ? checkOrder(purchase) : [];
  return [...repeatedLineIds(purchase.lines), ...lineFaults, ...orderFaults];
}

function checkLine({ quantity, unit_price_minor, discount_minor }: LineFigures, index: number): Fault[] {
  const price = quantity * unit_price_minor;
  if (!Number.isSafeInteger(price))
    return [{ pointer: `/lines/${index}/unit_price_minor`, detail: 'times quantity is above 2^53-1' }];
  if (discount_minor > price)
    return [{ pointer: `/lines/${index}/discount_minor`, detail: `is more than quantity × price, ${price}` }];
  return [];
}

function checkOrder(purchase: PurchaseFigures): Fault[] {
  const { lines, prices_include_tax, discount_minor, tax_minor, shipping_minor, paid_with_points_minor } =
    purchase;
  const gross = sum(lines.map(({ quantity, unit_price_minor }) => quantity * unit_price_minor));
  if (gross === undefined) return [{ pointer: '/lines', detail: 'add up to more than 2^53-1' }];
  const net = gross - lines.reduce((total, line) => total + line.discount_minor, 0);
  if (discount_minor > net)
    return [{ pointer: '/discount_minor', detail: `is more than the lines after their discounts, ${net}` }];

  const goods = net - discount_minor;
  const taxable = goods + shipping_minor;
  const total = sum([goods, shipping_minor, prices_include_tax ? 0 : tax_minor]);
  if (total === undefined)
    return [{ pointer: '/shipping_minor', detail: 'makes the order more than 2^53-1' }];

  const faults: Fault[] = [];
  if (paid_with_points_minor > total)
    faults.push({ pointer: '/paid_with_points_minor', detail: `is more than the order costs, ${total}` });
  const lineTax = sum(lines.map((line) => line.tax_minor ?? 0));
  if (lineTax === undefined || lineTax > tax_minor)
    faults.push({ pointer: '/tax_minor', detail: 'is less than the tax of the lines' });
  if (prices_include_tax && tax_minor > taxable)
    faults.push({
      pointer: '/tax_minor',
      detail: `is included in the prices and more than they are, ${taxable}`,
    });
  return faults;
}

/** Undefined when the sum, or a part of it, is not a safe integer. */
function sum(amounts: readonly number[]): number | undefined {
  let total = 0;
  for (const amount of amounts) {
    total += amount;
    if (!Number.isSafeInteger(total)) return undefined;
  }
  return total;
}
