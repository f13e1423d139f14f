import {
  compileCondition,
  timeFacts,
  usesMemberHistory,
  type CompiledCondition,
  type EngagementContext,
  type PurchaseContext,
} from '@kizuna/rules';
import type { Instant } from '@kizuna/kernel';
import type { Condition, EarningRule } from './earning-rule.js';
import type { HistoryNeeds } from './member-history.js';
import type { ConditionAnswer } from './rule-outcome.js';

export type RuleContext = PurchaseContext | EngagementContext;

/** Versions are immutable and live as long as the revision that holds them: compiled once, forgotten with it. */
const compiled = new WeakMap<Condition, CompiledCondition | undefined>();
/** By the list of rules in force, which stays the same from event to event. */
const needs = new WeakMap<readonly EarningRule[], HistoryNeeds>();

/** Whether the conditions of a rule hold, in their order. The context is made when the first condition asks for it. */
export function conditionsOf(context: () => RuleContext): (rule: EarningRule) => ConditionAnswer {
  let made: RuleContext | undefined;
  return (rule) => {
    for (const condition of rule.conditions) {
      made ??= context();
      const holds = compiledOf(condition, rule).evaluate(made);
      if (holds === 'failed') return { ruleFailed: condition };
      if (!holds) return { failed: condition };
    }
    return 'met';
  };
}

const NEVER: CompiledCondition = { evaluate: () => 'failed' };

/** What the door let in compiles; where a newer version of the language would refuse it, the rule gives nothing and says so. */
function compiledOf(condition: Condition, { trigger }: EarningRule): CompiledCondition {
  const known = compiled.get(condition);
  if (known) return known;
  const decision = compileCondition(condition.expression, trigger.kind);
  const made = decision.accepted ? decision.value : NEVER;
  compiled.set(condition, made);
  return made;
}

export function historyNeeds(rules: readonly EarningRule[]): HistoryNeeds {
  const known = needs.get(rules);
  if (known) return known;
  const made = {
    orders: rules.some(({ conditions }) =>
      conditions.some(({ expression }) => usesMemberHistory(expression)),
    ),
    capped: rules.filter(({ cap }) => cap !== undefined).map(({ code }) => code),
  };
  needs.set(rules, made);
  return made;
}

const MAX_MOMENTS = 4_000;
const MINUTE_MS = 60_000;
const moments = new Map<string, PurchaseContext['time']>();

/** Day and hour do not change within a minute; events come many to one. */
export function timeOf(at: Instant, timeZone: string): PurchaseContext['time'] {
  const name = `${timeZone} ${Math.floor(at / MINUTE_MS)}`;
  const known = moments.get(name);
  if (known) return known;
  const facts = timeFacts(at, timeZone);
  if (moments.size >= MAX_MOMENTS) moments.clear();
  moments.set(name, facts);
  return facts;
}

export function memberFacts(orders: number | undefined): PurchaseContext['member'] {
  return orders === undefined ? undefined : { orders: BigInt(orders), is_first_purchase: orders === 0 };
}
