import { formatInstant, instant } from '@kizuna/kernel';
import type { LineFilter, Reward } from '../domain/earning-rule.js';

interface RuleFacts {
  readonly code: string;
  readonly version: number;
  readonly label: string;
  readonly trigger: string;
  readonly wallet: string;
  readonly priority: number;
  readonly lineFilter: LineFilter;
  readonly reward: Reward;
  readonly validFrom: number | Date;
  readonly validTo?: number | Date | null | undefined;
}

/** A rule version on the wire. */
export function ruleBody(rule: RuleFacts): object {
  const { code, version, label, trigger, wallet, priority, lineFilter, reward, validFrom, validTo } = rule;
  return {
    code,
    version,
    label,
    trigger,
    wallet,
    priority,
    line_filter: lineFilter,
    reward,
    valid_from: formatInstant(instant(validFrom)),
    valid_to: validTo === undefined || validTo === null ? null : formatInstant(instant(validTo)),
  };
}
