import {
  expiresAt,
  releasedAfter,
  startOfDay,
  type ExpiryPolicy,
  type Instant,
  type LocalDay,
} from '@kizuna/kernel';
import type { EarningRule, Pending } from './earning-rule.js';
import { dayOf } from './program-days.js';

export interface TimeSettings {
  readonly timeZone: string;
  /** Of purchases whose rule does not say otherwise; null = available at once. */
  readonly returnWindowDays: number | null;
  readonly minLifeDays: number;
  /** By wallet. */
  readonly expiry: ReadonlyMap<string, ExpiryPolicy>;
}

export interface AwardTimes {
  /** undefined = available at once */
  readonly releaseAt: Instant | undefined;
  /** undefined = never */
  readonly expiresAt: Instant | undefined;
}

const MAX_KNOWN = 4_000;
const known = new Map<string, AwardTimes>();

/**
 * When an award can be spent, and when it lapses. The expiry clock starts at the release. Both depend on nothing but the
 * local day and the rule's terms, so a day is worked out once, except for what is available at once and lapses: its life
 * begins at the moment itself, on the same day.
 */
export function awardTimes(rule: EarningRule, occurredAt: Instant, settings: TimeSettings): AwardTimes {
  const pending = pendingOf(rule, settings.returnWindowDays);
  const policy = rule.expiry ?? settings.expiry.get(rule.wallet) ?? { kind: 'never' };
  if (pending.kind === 'none' && policy.kind === 'never')
    return { releaseAt: undefined, expiresAt: undefined };
  const { timeZone, minLifeDays } = settings;
  const day = dayOf(occurredAt, timeZone);
  const name = JSON.stringify([timeZone, day, pending, policy, minLifeDays]);
  const found = known.get(name);
  if (found) return found;
  const releaseAt = releaseOf(pending, occurredAt, timeZone);
  const times = {
    releaseAt,
    expiresAt: expiresAt(policy, releaseAt ?? occurredAt, { timeZone, minLifeDays }),
  };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, times);
  return times;
}

/** The return window is about goods that can come back; what a member did cannot. */
function pendingOf({ pending, trigger }: EarningRule, returnWindowDays: number | null): Pending {
  if (pending) return pending;
  if (trigger.kind === 'engagement' || returnWindowDays === null) return { kind: 'none' };
  return { kind: 'duration', days: returnWindowDays };
}

function releaseOf(pending: Pending, occurredAt: Instant, timeZone: string): Instant | undefined {
  if (pending.kind === 'none') return undefined;
  if (pending.kind === 'duration') return releasedAfter(occurredAt, pending.days, timeZone);
  // A date that has come holds nothing back.
  const release = startOfDay(pending.date as LocalDay, timeZone);
  return release > occurredAt ? release : undefined;
}
