import type { PurchaseBody } from '@kizuna/contracts';
import { seeded } from './seeded.js';

const PRODUCTS = [
  ['Sencha Uji 100 g', 'tea', 1_480],
  ['Matcha tin 30 g', 'tea', 2_160],
  ['Tea whisk', 'tools', 3_240],
  ['Cup Mino', 'tools', 1_980],
  ['Yokan gift box', 'sweets', 2_800],
  ['Senbei mixed', 'sweets', 640],
  ['Furoshiki 70 cm', 'textiles', 1_650],
  ['Tenugui Nami', 'textiles', 990],
] as const;
const CHANNELS = ['web', 'app', 'store'] as const;
const PAYMENTS = ['card', 'wallet', 'cash'] as const;
const TAX_PERCENT = 10;

type Line = PurchaseBody['lines'][number];

/** A purchase of one to five lines in a Japanese shop: yen, prices with tax in them. Who, when and which order are given. */
export function purchaseOf(
  seed: number,
  who: { readonly orderId: string; readonly memberId: string; readonly occurredAt: string },
): PurchaseBody {
  const random = seeded(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const lines = Array.from({ length: 1 + upTo(5) }, (_, index): Line => {
    const [name, category, price] = PRODUCTS[upTo(PRODUCTS.length)] ?? PRODUCTS[0];
    return {
      line_id: String(index + 1),
      sku: `${category.slice(0, 3).toUpperCase()}-${10_000 + upTo(90_000)}`,
      name,
      category,
      quantity: 1 + upTo(3),
      unit_price_minor: price,
      discount_minor: upTo(5) === 0 ? Math.floor(price / 10) : 0,
    };
  });
  const goods = lines.reduce((sum, line) => sum + lineValue(line), 0);
  const discount = upTo(4) === 0 ? Math.floor(goods / 20) : 0;
  return {
    order_id: who.orderId,
    member_id: who.memberId,
    occurred_at: who.occurredAt,
    currency: 'JPY',
    channel: CHANNELS[upTo(CHANNELS.length)] ?? 'web',
    lines,
    prices_include_tax: true,
    discount_minor: discount,
    tax_minor: Math.floor(((goods - discount) * TAX_PERCENT) / (100 + TAX_PERCENT)),
    shipping_minor: goods > 5_000 ? 0 : 550,
    paid_with_points_minor: 0,
    coupon_codes: discount > 0 ? ['AUTUMN5'] : [],
    payment_method: PAYMENTS[upTo(PAYMENTS.length)] ?? 'card',
  };
}

const lineValue = ({ quantity, unit_price_minor, discount_minor }: Line): number =>
  quantity * unit_price_minor - discount_minor;

/** One point for 100 yen of goods without tax: what the program's only rule gives, calculated independently of it. */
export function pointsOf({ lines, discount_minor, tax_minor }: PurchaseBody): number {
  const goods = lines.reduce((sum, line) => sum + lineValue(line), 0) - discount_minor;
  return Math.floor((goods - tax_minor) / 100);
}
