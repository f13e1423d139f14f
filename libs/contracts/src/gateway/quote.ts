import type { FromSchema } from 'json-schema-to-ts';
import { closed } from '../validator.js';
import { purchaseBodySchema } from './purchase.js';

const { order_id: _order, ...properties } = purchaseBodySchema.properties;
const [_orderId, memberId, _occurredAt, ...others] = purchaseBodySchema.required;
const required = [memberId, ...others] as const;

/** The body of `POST /v1/quotes`: a purchase that has no order yet. Without `occurred_at` it happens now. */
export const quoteBodySchema = {
  type: 'object',
  additionalProperties: false,
  required,
  properties,
} as const;

export type QuoteBody = FromSchema<typeof quoteBodySchema>;
export const checkQuoteBody = closed<QuoteBody>(quoteBodySchema);
