import type { FromSchema } from 'json-schema-to-ts';
import { defineEvent, type DataOf } from '../event.js';
import { closed } from '../validator.js';
import * as words from '../words.js';

const required = ['refund_id', 'order_id', 'member_id', 'occurred_at', 'currency'] as const;

const properties = {
  refund_id: words.businessId,
  order_id: words.businessId,
  member_id: { type: ['string', 'null'], pattern: words.memberId.pattern },
  occurred_at: words.instant,
  currency: words.currency,
  lines: {
    type: 'array',
    minItems: 1,
    maxItems: 2_000,
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['line_id', 'amount_minor'],
      properties: { line_id: words.businessId, amount_minor: words.positive },
    },
  },
  amount_minor: words.positive,
  full: { const: true },
  reason: words.text,
} as const;

/** Exactly one of `lines`, `amount_minor`, `full`: a refund that says two things at once says neither. */
const oneOf = [{ required: ['lines'] }, { required: ['amount_minor'] }, { required: ['full'] }] as const;

/** The body of `POST /v1/purchases/{order_id}/refunds`: the value of the goods taken back, in the purchase's basis. */
export const refundBodySchema = {
  type: 'object',
  additionalProperties: false,
  required,
  properties,
} as const;

export type RefundBody = FromSchema<typeof refundBodySchema>;
export const checkRefundBody = closed<RefundBody>({ ...refundBodySchema, oneOf });

export const purchaseRefunded = defineEvent('kizuna.purchase.refunded.v1', 'purchase-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', ...required],
  properties: { program_id: words.programId, ...properties },
  oneOf,
} as const);

export type PurchaseRefunded = DataOf<typeof purchaseRefunded>;
