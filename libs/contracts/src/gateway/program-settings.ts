import { defineEvent, type DataOf } from '../event.js';
import * as words from '../words.js';

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
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['wallet'],
        properties: { wallet: words.code },
      },
    },
    rounding: { enum: ['floor', 'half_even', 'ceil'] },
    earn_net_of_tax: { type: 'boolean' },
    /** Events older than this many days go to review. */
    late_window_days: { type: 'integer', minimum: 0, maximum: 36_500 },
    /** An award above it is not granted; the purchase goes to review. */
    max_award: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
    /** From when the program accepts history. */
    starts_at: words.instant,
  },
} as const);

export type ProgramSettings = DataOf<typeof programSettingsChanged>;
