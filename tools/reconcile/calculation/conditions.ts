import { localTime } from './calendar.js';
import { FAILED, valueOf, type Value } from './expression-values.js';
import type { Expression, Scope } from './expression.js';
import type { Amounts } from './amounts.js';
import { sum } from './exact.js';
import type { Engagement, Purchase } from './requests.js';

/** How many orders of a member were decided before; cancelled ones are not counted. */
export type OrdersBefore = number;

/** The names that a condition of a purchase rule can use. */
export function purchaseScope(
  purchase: Purchase,
  amounts: Amounts,
  before: OrdersBefore,
  zone: string,
): Scope {
  const { lines } = purchase;
  const named = (names: readonly (string | null | undefined)[]): Value =>
    [...new Set(names)].filter((name): name is string => typeof name === 'string');
  return {
    order: {
      currency: purchase.currency,
      channel: purchase.channel ?? '',
      store_id: purchase.store_id ?? '',
      payment_method: purchase.payment_method ?? '',
      total_minor: sum(amounts.paid),
      eligible_minor: sum(amounts.eligible),
      // Those of the lines and of the order together, as the table of the conditions says.
      discount_minor: [purchase, ...lines].reduce(
        (discounts, { discount_minor }) => discounts + BigInt(discount_minor ?? 0),
        0n,
      ),
      shipping_minor: BigInt(purchase.shipping_minor ?? 0),
      paid_with_points_minor: BigInt(purchase.paid_with_points_minor ?? 0),
      quantity: lines.reduce((count, { quantity }) => count + BigInt(quantity), 0n),
      skus: named(lines.map(({ sku }) => sku)),
      categories: named(lines.map(({ category }) => category)),
      brands: named(lines.map(({ brand }) => brand)),
      coupon_codes: valueOf(purchase.coupon_codes ?? []),
      attributes: valueOf(purchase.attributes ?? {}),
    },
    ...memberAndTime(purchase.occurred_at, before, zone),
  };
}

export function engagementScope(engagement: Engagement, before: OrdersBefore, zone: string): Scope {
  const { activity, attributes } = engagement;
  return {
    engagement: { activity, attributes: valueOf(attributes ?? {}) },
    ...memberAndTime(engagement.occurred_at, before, zone),
  };
}

function memberAndTime(occurredAt: string, before: OrdersBefore, zone: string): Scope {
  const { weekday, hour, day, month, year } = localTime(Date.parse(occurredAt), zone);
  return {
    member: { orders: BigInt(before), is_first_purchase: before === 0 },
    time: valueOf({ weekday, hour, day, month, year }),
  };
}

/** All must hold; the first that does not says why. A failure at run time, or an answer that is no boolean, is its own reason. */
export function firstUnmet(
  conditions: readonly Expression[],
  scope: Scope,
): 'condition_not_met' | 'rule_failed' | undefined {
  for (const condition of conditions) {
    const outcome = condition(scope);
    if (outcome === FAILED || typeof outcome !== 'boolean') return 'rule_failed';
    if (!outcome) return 'condition_not_met';
  }
  return undefined;
}
