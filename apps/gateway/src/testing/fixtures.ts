/** Two shirts in Tokyo for 11,000 yen. */
export function aPurchase(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    order_id: 'A-1001',
    member_id: 'ann',
    occurred_at: '2026-03-01T18:30:00+09:00',
    currency: 'JPY',
    channel: 'web',
    lines: [aLine()],
    prices_include_tax: true,
    discount_minor: 0,
    tax_minor: 1_000,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
    ...fields,
  };
}

export function aLine(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { line_id: '1', sku: 'shirt', quantity: 2, unit_price_minor: 5_500, discount_minor: 0, ...fields };
}

/** The whole of that purchase comes back. */
export function aRefund(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    refund_id: 'R-1',
    order_id: 'A-1001',
    member_id: 'ann',
    occurred_at: '2026-03-05T10:00:00+09:00',
    currency: 'JPY',
    full: true,
    ...fields,
  };
}

export function aCloudEvent(fact: 'completed' | 'refunded', data: unknown): Record<string, unknown> {
  return { specversion: '1.0', type: `kizuna.purchase.${fact}.v1`, id: 'my-own', source: '/shop', data };
}

/** A review that a member wrote. */
export function anEngagement(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'review-77',
    member_id: 'ann',
    activity: 'review',
    occurred_at: '2026-03-02T08:00:00+09:00',
    attributes: { stars: 4, verified: true },
    ...fields,
  };
}
