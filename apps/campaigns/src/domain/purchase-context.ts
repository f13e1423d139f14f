import type { PurchaseContext } from '@kizuna/rules';
import type { Instant } from '@kizuna/kernel';
import { memberFacts, timeOf } from './conditions.js';
import type { FilteredLine } from './earning-rule.js';
import type { LineBase, PurchaseMoney } from './eligible-base.js';
import { sum } from './line-units.js';

/** The purchase as it came, as far as rules look at it. */
export interface PurchaseFacts extends PurchaseMoney {
  readonly currency: string;
  readonly channel: string;
  readonly store_id?: string | undefined;
  readonly payment_method?: string | undefined;
  readonly shipping_minor: number;
  readonly coupon_codes: readonly string[];
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly lines: readonly (PurchaseMoney['lines'][number] & FilteredLine & { readonly line_id: string })[];
}

/** What the conditions of a purchase rule can ask about. */
export function purchaseContext(
  facts: PurchaseFacts,
  bases: readonly LineBase[],
  given: {
    readonly orders: number | undefined;
    readonly occurredAt: Instant;
    readonly timeZone: string;
  },
): PurchaseContext {
  const { lines } = facts;
  const named = (pick: (line: FilteredLine) => string | undefined): string[] => [
    ...new Set(lines.flatMap((line) => pick(line) ?? [])),
  ];
  const lineDiscounts = lines.map(({ discount_minor }) => BigInt(discount_minor));
  return {
    order: {
      currency: facts.currency,
      channel: facts.channel,
      store_id: facts.store_id ?? '',
      payment_method: facts.payment_method ?? '',
      total_minor: sum(bases.map(({ paid }) => paid)),
      eligible_minor: sum(bases.map(({ eligible }) => eligible)),
      discount_minor: BigInt(facts.discount_minor) + sum(lineDiscounts),
      shipping_minor: BigInt(facts.shipping_minor),
      paid_with_points_minor: BigInt(facts.paid_with_points_minor),
      quantity: BigInt(lines.reduce((pieces, { quantity }) => pieces + quantity, 0)),
      skus: named(({ sku }) => sku),
      categories: named(({ category }) => category),
      brands: named(({ brand }) => brand),
      coupon_codes: [...facts.coupon_codes],
      attributes: facts.attributes ?? {},
    },
    member: memberFacts(given.orders),
    time: timeOf(given.occurredAt, given.timeZone),
  };
}
