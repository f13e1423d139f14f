import type { EarningSettings } from './decide-awards.js';
import { rulesAt, type EarningRule } from './earning-rule.js';
import type { TimeSettings } from './award-times.js';
import type { ClawbackPolicy } from './order.js';
import type { Instant } from '@kizuna/kernel';

export interface DecidingSettings extends EarningSettings, TimeSettings {
  readonly earnNetOfTax: boolean;
  readonly lateWindowDays: number;
  /** An award above it sends its purchase to review. */
  readonly maxAward: number;
  readonly clawbackPolicy: ClawbackPolicy;
}

/** What the events of a program are decided with. */
export interface ProgramRules {
  readonly settings: DecidingSettings;
  readonly settingsRevision: number;
  readonly versions: readonly EarningRule[];
  readonly ruleSetRevision: number;
}

/** No award is larger, whoever released it. */
export const HARD_LIMIT = 1_000_000_000;

export function purchaseRulesAt({ versions }: Pick<ProgramRules, 'versions'>, at: Instant): EarningRule[] {
  return rulesAt(versions, at).filter(({ trigger }) => trigger.kind === 'purchase');
}

export function engagementRulesAt(
  { versions }: Pick<ProgramRules, 'versions'>,
  at: Instant,
  activity: string,
): EarningRule[] {
  return rulesAt(versions, at).filter(
    ({ trigger }) => trigger.kind === 'engagement' && trigger.activity === activity,
  );
}
