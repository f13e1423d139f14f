import type { FromSchema } from 'json-schema-to-ts';
import { defineEvent, type DataOf } from '../event.js';
import { closed } from '../validator.js';
import * as words from '../words.js';

const required = ['id', 'member_id', 'activity', 'occurred_at'] as const;

const properties = {
  /** The storefront's own id of the activity: the fence against paying twice. */
  id: words.businessId,
  member_id: words.memberId,
  /** Any code of the shop's own: `sign-up`, `review`, `survey`, `share`, … */
  activity: words.code,
  occurred_at: words.instant,
  attributes: words.attributes,
} as const;

/** The body of `POST /v1/engagements`: something that a member did, other than buying. */
export const engagementBodySchema = {
  type: 'object',
  additionalProperties: false,
  required,
  properties,
} as const;

export type EngagementBody = FromSchema<typeof engagementBodySchema>;
export const checkEngagementBody = closed<EngagementBody>(engagementBodySchema);

export const engagementRecorded = defineEvent('kizuna.engagement.recorded.v1', 'engagement-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', ...required],
  properties: { program_id: words.programId, ...properties },
} as const);

export type EngagementRecorded = DataOf<typeof engagementRecorded>;
