import type { Instant } from '@kizuna/kernel';
import { historyNeeds } from '../domain/conditions.js';
import type { EarningRule } from '../domain/earning-rule.js';
import { monthRange } from '../domain/program-days.js';

/** A member's past that an event is decided with. */
export interface HistoryRequest {
  readonly programId: string;
  readonly memberId: string;
  readonly orders: boolean;
  /** Codes of the rules with a cap. */
  readonly capped: readonly string[];
  /** The month of the event in the program's zone, `[from, to)`. */
  readonly month: string;
  readonly from: Instant;
  readonly to: Instant;
}

/** What the rules in force ask about the member's past: nothing, for most rules. */
export function historyRequest(
  {
    programId,
    memberId,
    occurredAt,
  }: { readonly programId: string; readonly memberId: string; readonly occurredAt: Instant },
  rules: readonly EarningRule[],
  { timeZone }: { readonly timeZone: string },
): HistoryRequest[] {
  const { orders, capped } = historyNeeds(rules);
  if (!orders && capped.length === 0) return [];
  return [{ programId, memberId, orders, capped, ...monthRange(occurredAt, timeZone) }];
}
