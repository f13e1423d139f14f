import type { FromSchema } from 'json-schema-to-ts';
import { defineEvent, type DataOf } from '../event.js';
import { closed } from '../validator.js';
import * as words from '../words.js';

const line = {
  type: 'object',
  additionalProperties: false,
  required: ['line_id', 'sku', 'quantity', 'unit_price_minor', 'discount_minor'],
  properties: {
    line_id: words.businessId,
    sku: { ...words.text, minLength: 1, maxLength: 100 },
    name: words.text,
    category: words.text,
    brand: words.text,
    attributes: words.attributes,
    quantity: { type: 'integer', minimum: 1, maximum: 1_000_000 },
    unit_price_minor: words.amount,
    discount_minor: words.amount,
    tax_minor: words.amount,
    kind: { enum: ['product', 'gift_card', 'service'] },
  },
} as const;

const required = [
  'order_id',
  'member_id',
  'occurred_at',
  'currency',
  'channel',
  'lines',
  'prices_include_tax',
  'discount_minor',
  'tax_minor',
  'shipping_minor',
  'paid_with_points_minor',
  'coupon_codes',
] as const;

const properties = {
  order_id: words.businessId,
  /** null = guest */
  member_id: { type: ['string', 'null'], pattern: words.memberId.pattern },
  occurred_at: words.instant,
  currency: words.currency,
  channel: { ...words.text, minLength: 1, maxLength: 40 },
  store_id: words.text,
  lines: { type: 'array', minItems: 1, maxItems: 2_000, items: line },
  prices_include_tax: { type: 'boolean' },
  discount_minor: words.amount,
  tax_minor: words.amount,
  shipping_minor: words.amount,
  paid_with_points_minor: words.amount,
  coupon_codes: { type: 'array', maxItems: 50, items: { ...words.text, minLength: 1 } },
  referral_code: { ...words.text, minLength: 1 },
  payment_method: words.text,
  attributes: words.attributes,
} as const;

/** The body of `POST /v1/purchases`. Money in minor units of `currency`. */
export const purchaseBodySchema = {
  type: 'object',
  additionalProperties: false,
  required,
  properties,
} as const;

export type PurchaseBody = FromSchema<typeof purchaseBodySchema>;
export const checkPurchaseBody = closed<PurchaseBody>(purchaseBodySchema);

export const purchaseCompleted = defineEvent('kizuna.purchase.completed.v1', 'purchase-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', ...required],
  properties: { program_id: words.programId, ...properties },
} as const);

export type PurchaseCompleted = DataOf<typeof purchaseCompleted>;
export type PurchaseLine = PurchaseCompleted['lines'][number];
