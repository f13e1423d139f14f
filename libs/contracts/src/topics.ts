/**
 * Every topic is keyed by member (or by program, for settings) and has the same number of partitions, so that one
 * partitioner gives one lane to a member everywhere. Frozen at creation.
 */
export const LANES = 12;

const DAY_MS = 86_400_000;

export const topics = {
  'purchase-events': { owner: 'gateway', retentionMs: 30 * DAY_MS },
  'engagement-events': { owner: 'gateway', retentionMs: 30 * DAY_MS },
  'program-settings': { owner: 'gateway', compacted: true },
  'award-events': { owner: 'campaigns', retentionMs: 7 * DAY_MS },
  'points-events': { owner: 'points-ledger', retentionMs: 7 * DAY_MS },
} as const satisfies Record<string, TopicSettings>;

export type Topic = keyof typeof topics;

export interface TopicSettings {
  readonly owner: string;
  readonly retentionMs?: number;
  readonly compacted?: boolean;
}
