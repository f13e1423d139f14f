import { BUSINESS_ID_PATTERN, CODE_PATTERN, MEMBER_ID_PATTERN, PROGRAM_ID_PATTERN } from '@kizuna/kernel';

/** Schema words that several events share. */
export const memberId = { type: 'string', pattern: MEMBER_ID_PATTERN } as const;
export const programId = { type: 'string', pattern: PROGRAM_ID_PATTERN } as const;
export const businessId = { type: 'string', pattern: BUSINESS_ID_PATTERN } as const;
export const code = { type: 'string', pattern: CODE_PATTERN } as const;
export const eventId = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const uuid = { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' } as const;
export const instant = { type: 'string', format: 'instant' } as const;
export const currency = { type: 'string', format: 'currency' } as const;
/** Anything above 2^53-1 is not an integer that JSON can carry safely. */
export const amount = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
export const positive = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const;
/** Free text of a shop: no control characters and no half surrogate pairs, so that it can be stored and shown anywhere. */
export const text = {
  type: 'string',
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001f\\u007f\\p{Cs}]*$',
} as const;
/** Flat attributes of a shop's own making; a key never starts with `__`. */
export const attributes = {
  type: 'object',
  maxProperties: 50,
  propertyNames: { type: 'string', pattern: '^(?!__)[A-Za-z0-9_.-]{1,64}$' },
  additionalProperties: {
    anyOf: [
      { type: 'string', maxLength: 500, pattern: '^[^\\u0000\\p{Cs}]*$' },
      { type: 'number', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'boolean' },
    ],
  },
} as const;
