import { defineEvent, type DataOf } from '../event.js';
import * as words from '../words.js';

/** "This rule gives this member N units for this event." */
export const awardGranted = defineEvent('kizuna.award.granted.v1', 'award-events', {
  type: 'object',
  additionalProperties: false,
  required: [
    'program_id',
    'member_id',
    'sequence',
    'award_id',
    'kind',
    'business_ref',
    'rule',
    'rule_version',
    'wallet',
    'amount',
    'origin',
    'funding',
    'occurred_at',
    'release_at',
    'expires_at',
  ],
  properties: {
    program_id: words.programId,
    member_id: words.memberId,
    sequence: words.positive,
    /** Made once and for ever from the business fence; the ledger uses it as the transfer's id. */
    award_id: words.uuid,
    kind: { enum: ['purchase', 'engagement'] },
    /** The order id of a purchase, the id of an engagement. */
    business_ref: { type: 'string', minLength: 1, maxLength: 80 },
    rule: words.code,
    /** What marketing calls the rule, for statements. */
    rule_label: words.text,
    /** The same in Japanese, where marketing has a word for it. */
    rule_label_ja: words.text,
    rule_version: words.positive,
    wallet: words.code,
    amount: words.positive,
    origin: { enum: ['purchase', 'engagement', 'referral', 'goodwill', 'milestone', 'import', 'adjustment'] },
    funding: { enum: ['brand', 'store', 'partner'] },
    occurred_at: words.instant,
    /** null = available at once */
    release_at: { type: ['string', 'null'], format: 'instant' },
    /** null = never */
    expires_at: { type: ['string', 'null'], format: 'instant' },
  },
} as const);

/** How much of an award its refunds have taken back so far. Cumulative, so repeats and reordering are harmless. */
export const awardClawedBack = defineEvent('kizuna.award.clawed-back.v1', 'award-events', {
  type: 'object',
  additionalProperties: false,
  required: [
    'program_id',
    'member_id',
    'sequence',
    'award_id',
    'wallet',
    'clawback_total',
    'refund_id',
    'policy',
    'occurred_at',
  ],
  properties: {
    program_id: words.programId,
    member_id: words.memberId,
    sequence: words.positive,
    award_id: words.uuid,
    wallet: words.code,
    clawback_total: words.positive,
    refund_id: words.businessId,
    /** The order that was refunded. */
    business_ref: { type: 'string', minLength: 1, maxLength: 80 },
    policy: { enum: ['negative', 'within_balance', 'pending_only'] },
    occurred_at: words.instant,
  },
} as const);

/** A purchase or refund that was accepted at the door but has no effect. */
export const purchaseRejected = defineEvent('kizuna.purchase.rejected.v1', 'award-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', 'member_id', 'sequence', 'order_id', 'event_id', 'reason'],
  properties: {
    program_id: words.programId,
    /** null = guest */
    member_id: { type: ['string', 'null'], pattern: words.memberId.pattern },
    sequence: words.positive,
    order_id: words.businessId,
    event_id: words.eventId,
    reason: { enum: ['conflict', 'foreign_member', 'foreign_currency'] },
  },
} as const);

export type AwardGranted = DataOf<typeof awardGranted>;
export type AwardClawedBack = DataOf<typeof awardClawedBack>;
export type PurchaseRejected = DataOf<typeof purchaseRejected>;
