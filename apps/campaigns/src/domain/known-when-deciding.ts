import { UNUSED, type CapUsage } from './cap.js';
import type { EarningRule } from './earning-rule.js';

/** What was known of the member when an event was decided: stored with it, so that an explanation never changes. */
export interface KnownWhenDeciding {
  /** Orders decided before; undefined: no rule asked. */
  readonly orders?: number | undefined;
  /** What the rules with a cap had given in the month of the event. */
  readonly usage?: Readonly<Record<string, CapUsage>> | undefined;
  /** Somebody released an award above the limit: it was granted as it was. */
  readonly limitLifted?: true | undefined;
}

export const NOTHING_KNOWN: KnownWhenDeciding = {};

export const usageIn =
  ({ usage }: KnownWhenDeciding) =>
  ({ code }: Pick<EarningRule, 'code'>): CapUsage =>
    usage?.[code] ?? UNUSED;
