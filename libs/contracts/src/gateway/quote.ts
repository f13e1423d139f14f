import type { FromSchema } from 'json-schema-to-ts';
import { closed } from '../validator.js';
import { purchaseBodySchema } from './purchase.js';

const { order_id: _order, ...properties } = purchaseBodySchema.properties;

/** The body of `POST /v1/quotes`: a purchase that has no order yet. Without `occurred_at` it happens now. */
export const quoteBodySchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'member_id',
    'currency',
    'channel',
    'lines',
    'prices_include_tax',
    'discount_minor',
    'tax_minor',
    'shipping_minor',
    'paid_with_points_minor',
    'coupon_codes',
  ],
  properties,
} as const;

export type QuoteBody = FromSchema<typeof quoteBodySchema>;
export const checkQuoteBody = closed<QuoteBody>(quoteBodySchema);
