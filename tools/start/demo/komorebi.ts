import type { NewProgram } from '../../local/programs.js';

/** Komorebi Tea (こもれび茶舗): what it sells, what it promises. Yen without decimals, one point is worth one yen. */
export const ITEMS = {
  sencha: { sku: 'SENCHA', name: 'Sencha 煎茶', category: 'tea', unit_price_minor: 1_200 },
  gyokuro: { sku: 'GYOKURO', name: 'Gyokuro 玉露', category: 'tea', unit_price_minor: 2_400 },
  matcha: { sku: 'MATCHA', name: 'Matcha 抹茶', category: 'tea', unit_price_minor: 1_980 },
  teapot: { sku: 'TEAPOT', name: 'Teapot 急須', category: 'ware', unit_price_minor: 6_800 },
  cups: { sku: 'CUPS', name: 'Cups 湯呑', category: 'ware', unit_price_minor: 3_500 },
  giftCard: { sku: 'GIFT-CARD', name: 'Gift card ギフト券', kind: 'gift_card', unit_price_minor: 5_000 },
} as const;

export type Item = keyof typeof ITEMS;
export type Basket = Partial<Record<Item, number>>;

/** The settings of a program of this shop; the scene and the stream differ in name, mode and clock. */
export const SHOP = {
  time_zone: 'Asia/Tokyo',
  currency: 'JPY',
  wallets: [
    {
      wallet: 'points',
      unit_value: { currency: 'JPY', minor: 1, units: 1 },
      redemption: { minimum: 1, step: 1, max_share_bp: 10_000 },
      usable_for: 'own_discount',
      issued_for: 'free',
      expiry: { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' },
    },
  ],
  return_window_days: 14,
} as const satisfies Partial<NewProgram>;

export type RuleBody = Readonly<Record<string, unknown>> & { readonly code: string };

export function rulesFrom(validFrom: string): RuleBody[] {
  const rule = (code: string, label: string, label_ja: string, rest: object): RuleBody => ({
    code,
    label,
    label_ja,
    trigger: 'purchase',
    wallet: 'points',
    valid_from: validFrom,
    ...rest,
  });
  return [
    rule('BASE', '1 point per ¥100', '100円ごとに1ポイント', {
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    }),
    rule('TEA-WEEKEND', 'Tea counts twice at the weekend', '土日はお茶2倍', {
      conditions: [
        { label: 'Saturday or Sunday', label_ja: '土曜日または日曜日', expression: 'time.weekday >= 6' },
      ],
      line_filter: { categories: ['tea'] },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'campaign', mode: 'best' },
    }),
    rule('FIRST', '200 points for the first order', '初回購入200ポイント', {
      conditions: [{ label: 'first order', label_ja: '初回の注文', expression: 'member.is_first_purchase' }],
      minimum_eligible_minor: 2_000,
      reward: { kind: 'fixed', units: 200 },
    }),
    rule('BIG', '300 points from ¥10,000', '1万円以上で300ポイント', {
      minimum_eligible_minor: 10_000,
      reward: { kind: 'fixed', units: 300 },
    }),
    rule('REVIEW', '30 points for a review', 'レビュー30ポイント', {
      trigger: 'engagement',
      activity: 'review',
      cap: { awards: 3 },
      pending: { kind: 'none' },
      reward: { kind: 'fixed', units: 30 },
    }),
  ];
}

/** A purchase as the storefront sends it; its lines are numbered from 1. */
export function purchaseOf(
  order: { readonly order_id: string; readonly member_id: string | null; readonly occurred_at: string },
  basket: Basket,
  more: object = {},
): Record<string, unknown> {
  const lines = Object.entries(basket).map(([item, quantity], index) => ({
    line_id: String(index + 1),
    ...ITEMS[item as Item],
    quantity,
    discount_minor: 0,
  }));
  return {
    ...order,
    currency: 'JPY',
    channel: 'web',
    lines,
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
    ...more,
  };
}
