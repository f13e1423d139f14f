import type { ProgramFacts, SentRequest } from '../calculation.js';

/** Requests as a journal holds them, in the words of the worked examples. */

export const KOMOREBI: ProgramFacts = {
  program_id: 'komorebi-1',
  time_zone: 'Asia/Tokyo',
  currency: 'JPY',
  wallets: [
    {
      wallet: 'points',
      unit_value: { currency: 'JPY', minor: 1, units: 1 },
      expiry: { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' },
    },
    { wallet: 'cashback' },
  ],
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  starts_at: '2027-01-01T00:00:00+09:00',
  max_award: 1_000_000_000,
  return_window_days: 14,
  clawback_policy: 'negative',
  clock_at: '2027-04-10T12:00:00+09:00',
};

type Body = Readonly<Record<string, unknown>>;

export const post = (path: string, body: unknown, more: Partial<SentRequest> = {}): SentRequest => ({
  path,
  body,
  status: 202,
  answer: {},
  ...more,
});

export const rule = (code: string, reward: object, more: Body = {}): SentRequest =>
  post(
    '/v1/rules',
    {
      ...{ code, label: code, trigger: 'purchase', wallet: 'points', reward, valid_from: KOMOREBI.starts_at },
      ...more,
    },
    { status: 201 },
  );

export const rate = (units: number, per_minor: number, currency = 'JPY', more: object = {}): object => ({
  kind: 'base_rate',
  rates: [{ currency, units, per_minor }],
  ...more,
});
export const times = (multiplier_bp: number, group: string, mode = 'best'): object => ({
  kind: 'multiplier',
  ...{ multiplier_bp, group, mode },
});
export const fixed = (units: number): object => ({ kind: 'fixed', units });

export const BASE = rule('BASE', rate(1, 100));
const tea = { line_filter: { categories: ['tea'] } };
export const TEA = rule('TEA', times(20_000, 'campaigns'), tea);
export const BRANCH = rule('BRANCH', times(12_500, 'tier'));
export const TEA_RULE = tea;

/** A line is its amount, or the parts of it that matter. */
export type Line = number | Body;

export const bought = (
  lines: readonly Line[],
  more: Body = {},
  sent: Partial<SentRequest> = {},
): SentRequest =>
  post(
    '/v1/purchases',
    {
      ...{ order_id: 'o-1', member_id: 'ann', occurred_at: '2027-04-10T10:00:00+09:00', currency: 'JPY' },
      channel: 'web',
      lines: lines.map((line, i) => ({
        ...{ line_id: `${i + 1}`, sku: `sku-${i + 1}`, quantity: 1, discount_minor: 0 },
        ...(typeof line === 'number' ? { unit_price_minor: line } : line),
      })),
      ...{ prices_include_tax: false, discount_minor: 0, tax_minor: 0, shipping_minor: 0 },
      ...{ paid_with_points_minor: 0, coupon_codes: [] },
      ...more,
    },
    sent,
  );

/** E9 and E10: matcha 1,980 and cups 3,500. */
export const BASKET: readonly Line[] = [
  { unit_price_minor: 1980, category: 'tea' },
  { unit_price_minor: 3500, category: 'ware' },
];

export const refunded = (refund_id: string, what: Body, more: Body = {}): SentRequest => {
  const order_id = typeof more['order_id'] === 'string' ? more['order_id'] : 'o-1';
  return post(`/v1/purchases/${order_id}/refunds`, {
    ...{ refund_id, order_id, member_id: 'ann', occurred_at: '2027-04-10T11:00:00+09:00', currency: 'JPY' },
    ...what,
    ...more,
  });
};
export const onLine = (line_id: string, amount_minor: number): Body => ({
  lines: [{ line_id, amount_minor }],
});

export const engaged = (id: string, occurred_at: string, more: Body = {}): SentRequest =>
  post('/v1/engagements', { id, member_id: 'ann', activity: 'review', occurred_at, ...more });

export const clockTo = (advance_to: string): SentRequest =>
  post(
    '/v1/program/clock',
    { advance_to },
    { status: 200, answer: { clock_at: advance_to, revision: 2, rooms: [] } },
  );

export const patched = (body: Body): SentRequest =>
  post('/v1/program', body, { method: 'PATCH', status: 200 });

export const redeemed = (redemption_id: string, units: number, more: Body = {}): SentRequest =>
  post(
    '/v1/redemptions',
    { redemption_id, member_id: 'ann', wallet: 'points', units, ...more },
    { status: 201, answer: { redemption_id, units } },
  );

/** The same, but refused. */
export const refusedRedemption = (request: SentRequest, code: string, facts: Body = {}): SentRequest => ({
  ...request,
  status: 422,
  answer: { code, ...facts },
});
