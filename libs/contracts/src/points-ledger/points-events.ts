import { defineEvent, type DataOf } from '../event.js';
import * as words from '../words.js';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'program_id',
    'member_id',
    'sequence',
    'transfer_id',
    'wallet',
    'amount',
    'pending',
    'available',
    'held',
    'debt',
    'award_id',
    'business_ref',
    'effective_at',
  ],
  properties: {
    program_id: words.programId,
    member_id: words.memberId,
    sequence: words.positive,
    transfer_id: words.uuid,
    wallet: words.code,
    amount: words.positive,
    /** The four figures of the wallet after this transfer. */
    pending: words.amount,
    available: words.amount,
    held: words.amount,
    debt: words.amount,
    award_id: words.uuid,
    business_ref: { type: 'string', minLength: 1, maxLength: 160 },
    effective_at: words.instant,
  },
} as const;

export const pointsAwarded = defineEvent('kizuna.points.awarded.v1', 'points-events', schema);
export const pointsClawedBack = defineEvent('kizuna.points.clawed-back.v1', 'points-events', schema);

export type PointsMoved = DataOf<typeof pointsAwarded>;
