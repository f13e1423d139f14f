import { defineEvent, type DataOf } from '../event.js';
import * as words from '../words.js';

const required = [
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
  'business_ref',
  'effective_at',
] as const;

const properties = {
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
  /** The award whose units moved. */
  award_id: words.uuid,
  /** What it is about: order, engagement, refund or redemption. */
  business_ref: { type: 'string', minLength: 1, maxLength: 160 },
  effective_at: words.instant,
} as const;

const ofAward = {
  type: 'object',
  additionalProperties: false,
  required: [...required, 'award_id'],
  properties,
} as const;

/** Units were given: usable at once, or pending until their release. */
export const pointsAwarded = defineEvent('kizuna.points.awarded.v1', 'points-events', ofAward);

/** Pending units became usable. */
export const pointsReleased = defineEvent('kizuna.points.released.v1', 'points-events', ofAward);

/** Units that would have become usable paid off what the member owed. */
export const pointsDebtOffset = defineEvent('kizuna.points.debt-offset.v1', 'points-events', ofAward);

/** Units lapsed. */
export const pointsExpired = defineEvent('kizuna.points.expired.v1', 'points-events', ofAward);

/** Units were taken back. */
export const pointsClawedBack = defineEvent('kizuna.points.clawed-back.v1', 'points-events', {
  ...ofAward,
  properties: {
    ...properties,
    /** Where they came from; of `debt` they are owed now, and `uncollected` ones nobody gives. Absent: from the balance. */
    source: { enum: ['pending', 'available', 'debt', 'uncollected'] },
  },
} as const);

/** Units were spent; the split over several awards is kept with the redemption, whose id is `business_ref`. */
export const pointsRedeemed = defineEvent('kizuna.points.redeemed.v1', 'points-events', {
  type: 'object',
  additionalProperties: false,
  required,
  properties,
} as const);

export type PointsMoved = DataOf<typeof pointsAwarded>;
