import { defineEvent, type DataOf } from '../event.js';
import * as words from '../words.js';

/** When the units of a wallet lapse; which properties a kind needs is said by `faultsOfExpiry`. */
export const expiryPolicySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  properties: {
    kind: { enum: ['never', 'rolling', 'inactivity', 'fixed_dates'] },
    count: { type: 'integer', minimum: 1, maximum: 36_500 },
    unit: { enum: ['day', 'month', 'year'] },
    round_to: { enum: ['none', 'day', 'month', 'quarter', 'year'] },
    /** Days of the year, `MM-DD`. */
    dates: {
      type: 'array',
      minItems: 1,
      maxItems: 12,
      items: { type: 'string', pattern: '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' },
    },
  },
} as const;

const basisPoints = { type: 'integer', minimum: 0, maximum: 10_000 } as const;

const walletSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['wallet'],
  properties: {
    wallet: words.code,
    /** What `units` are worth: `minor` of `currency`. Without it a balance shows no money value. */
    unit_value: {
      type: 'object',
      additionalProperties: false,
      required: ['currency', 'minor', 'units'],
      properties: { currency: words.currency, minor: words.positive, units: words.positive },
    },
    /** Bounds of one redemption in units, and the largest share of an order that units may pay. */
    redemption: {
      type: 'object',
      additionalProperties: false,
      required: ['minimum', 'step', 'max_share_bp'],
      properties: { minimum: words.positive, step: words.positive, max_share_bp: basisPoints },
    },
    usable_for: { enum: ['own_discount', 'goods', 'partner'] },
    /** Units are given, never sold. */
    issued_for: { const: 'free' },
    /** Of lots whose rule names none; never, when neither does. */
    expiry: expiryPolicySchema,
  },
} as const;

/** The whole settings of a program, published at every change; the newest revision wins. */
export const programSettingsChanged = defineEvent('kizuna.program.settings-changed.v1', 'program-settings', {
  type: 'object',
  additionalProperties: false,
  required: [
    'program_id',
    'revision',
    'name',
    'mode',
    'time_zone',
    'currency',
    'wallets',
    'rounding',
    'earn_net_of_tax',
    'late_window_days',
    'max_award',
    'starts_at',
  ],
  properties: {
    program_id: words.programId,
    revision: words.positive,
    name: { ...words.text, minLength: 1 },
    /** A test program is for trials; keys of the other kind do not open it. */
    mode: { enum: ['live', 'test'] },
    time_zone: { type: 'string', minLength: 1, maxLength: 64 },
    currency: words.currency,
    wallets: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: walletSchema,
    },
    rounding: { enum: ['floor', 'half_even', 'ceil'] },
    earn_net_of_tax: { type: 'boolean' },
    /** Events older than this many days go to review. */
    late_window_days: { type: 'integer', minimum: 0, maximum: 36_500 },
    /** An award above it is not granted; the purchase goes to review. */
    max_award: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
    /** From when the program accepts history. */
    starts_at: words.instant,
    /**
     * How long an award is pending when its rule does not say so: for so many days after the day of the purchase. null, or
     * absent: available at once.
     */
    return_window_days: { type: ['integer', 'null'], minimum: 0, maximum: 365 },
    /** The least life that a fixed expiry date leaves (90). */
    min_life_days: { type: 'integer', minimum: 0, maximum: 3_650 },
    /** The least life of units that are given back (30). */
    min_restored_days: { type: 'integer', minimum: 0, maximum: 3_650 },
    /** What happens when the units of a refunded award are spent (`negative`: they become debt). */
    clawback_policy: { enum: ['negative', 'within_balance', 'pending_only'] },
    /** Fractions are cut once per order (`order`), or on every line (`line`). */
    rounding_scope: { enum: ['order', 'line'] },
    /** Multipliers work on the exact base (`exact`), or on the rounded base award (`rounded_base`). */
    bonus_from: { enum: ['exact', 'rounded_base'] },
    /** The present of a test program; null, or absent: the system clock. It only ever moves forward. */
    clock_at: { type: ['string', 'null'], format: 'instant' },
  },
} as const);

export type ProgramSettings = DataOf<typeof programSettingsChanged>;
export type WalletSettings = ProgramSettings['wallets'][number];
