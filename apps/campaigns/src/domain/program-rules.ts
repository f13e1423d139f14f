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

interface InForce {
  /** `[from, to)`: between two moments at which versions begin or end nothing changes. */
  readonly from: number;
  readonly to: number;
  readonly purchase: readonly EarningRule[];
  readonly engagement: ReadonlyMap<string, readonly EarningRule[]>;
}

/** Per list of versions the last answer: events come by time, and the list of a revision stays the same. */
const lastAnswers = new WeakMap<readonly EarningRule[], InForce>();

function inForceAt(versions: readonly EarningRule[], at: Instant): InForce {
  const known = lastAnswers.get(versions);
  if (known && known.from <= at && at < known.to) return known;
  const moments = versions.flatMap(({ validFrom, validTo }) => [validFrom, validTo ?? Infinity]);
  const rules = rulesAt(versions, at);
  const answer = {
    from: Math.max(-Infinity, ...moments.filter((moment) => moment <= at)),
    to: Math.min(Infinity, ...moments.filter((moment) => moment > at)),
    purchase: rules.filter(({ trigger }) => trigger.kind === 'purchase'),
    engagement: Map.groupBy(rules, ({ trigger }) => (trigger.kind === 'engagement' ? trigger.activity : '')),
  };
  lastAnswers.set(versions, answer);
  return answer;
}

export function purchaseRulesAt(
  { versions }: Pick<ProgramRules, 'versions'>,
  at: Instant,
): readonly EarningRule[] {
  return inForceAt(versions, at).purchase;
}

export function engagementRulesAt(
  { versions }: Pick<ProgramRules, 'versions'>,
  at: Instant,
  activity: string,
): readonly EarningRule[] {
  return inForceAt(versions, at).engagement.get(activity) ?? [];
}
