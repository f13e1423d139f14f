const TYPES = {
  purchase: 'kizuna.purchase.completed.v1',
  refund: 'kizuna.purchase.refunded.v1',
  engagement: 'kizuna.engagement.recorded.v1',
} as const;

type Facts = Readonly<Record<string, unknown>>;

/** What storefronts send in batches to POST /v1/events. */
export type StoreEvent =
  | {
      readonly specversion: '1.0';
      readonly type: typeof TYPES.purchase | typeof TYPES.refund;
      readonly data: Facts & { readonly order_id: string };
    }
  | {
      readonly specversion: '1.0';
      readonly type: typeof TYPES.engagement;
      readonly data: Facts & { readonly id: string };
    };

/** The order or the engagement that it is about. */
export const subjectOf = (event: StoreEvent): string =>
  event.type === TYPES.engagement ? event.data.id : event.data.order_id;

export const isEngagement = ({ type }: { readonly type: string }): boolean => type === TYPES.engagement;
export const isPurchase = ({ type }: { readonly type: string }): boolean => type === TYPES.purchase;

export const purchaseEvent = (
  orderId: string,
  memberId: string | null,
  lines: readonly Facts[],
): StoreEvent => ({
  specversion: '1.0',
  type: TYPES.purchase,
  data: {
    order_id: orderId,
    member_id: memberId,
    occurred_at: new Date().toISOString(),
    currency: 'JPY',
    channel: 'web',
    lines,
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
  },
});

export const saleLine = (
  lineId: string,
  sku: string,
  quantity: number,
  unitPriceMinor: number,
  category?: string,
) => ({
  line_id: lineId,
  sku,
  quantity,
  unit_price_minor: unitPriceMinor,
  discount_minor: 0,
  ...(category === undefined ? {} : { category }),
});

export const refundEvent = (
  refundId: string,
  orderId: string,
  memberId: string | null,
  what: Facts,
): StoreEvent => ({
  specversion: '1.0',
  type: TYPES.refund,
  data: {
    refund_id: refundId,
    order_id: orderId,
    member_id: memberId,
    occurred_at: new Date().toISOString(),
    currency: 'JPY',
    ...what,
  },
});

export const engagementEvent = (id: string, memberId: string, activity: string): StoreEvent => ({
  specversion: '1.0',
  type: TYPES.engagement,
  data: { id, member_id: memberId, activity, occurred_at: new Date().toISOString() },
});
