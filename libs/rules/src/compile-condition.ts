import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { accept, reject, type Decision } from '@kizuna/kernel';
import { faultOf } from './bounds.js';
import type { Attributes, EngagementContext, PurchaseContext, TriggerKind } from './context.js';
import { ENVIRONMENTS } from './environment.js';
import { LIMITS } from './limits.js';
import { refusal, refusalOf, type ConditionRejection } from './refusal.js';
import { childrenOf } from './syntax.js';

export interface CompiledCondition {
  /** 'failed' = it could not be answered: a missing attribute, a division by zero, an overflow, values that do not compare. */
  evaluate(context: PurchaseContext | EngagementContext): boolean | 'failed';
}

/** Reads and type-checks one condition; what it accepts costs a bounded time to run. */
export function compileCondition(
  expression: string,
  trigger: TriggerKind,
): Decision<CompiledCondition, ConditionRejection> {
  const parsed = parse(expression, trigger);
  if ('code' in parsed) return reject(parsed);
  const fault = faultOf(parsed.ast, trigger);
  if (fault) return reject(refusal(fault.sentence, expression, fault.node));

  const { valid, type, error } = parsed.check();
  if (!valid) return reject(refusalOf(error, expression));
  if (type !== 'bool') return reject(refusal(resultSentence(type), expression));
  return accept({ evaluate: (context) => evaluate(parsed, context) });
}

/** Whether the history of the member must be loaded to evaluate it. */
export function usesMemberHistory(expression: string): boolean {
  return (['purchase', 'engagement'] as const).some((trigger) => {
    const parsed = parse(expression, trigger);
    return !('code' in parsed) && reads(parsed.ast, 'member');
  });
}

function parse(expression: string, trigger: TriggerKind): ParseResult | ConditionRejection {
  if (expression.length > LIMITS.characters)
    return refusal(`the condition is longer than ${LIMITS.characters} characters`, expression);
  if (expression.trim() === '') return refusal('the condition is empty', expression);
  try {
    return ENVIRONMENTS[trigger].parse(expression);
  } catch (error) {
    return refusalOf(error, expression);
  }
}

const reads = (node: ASTNode, name: string): boolean =>
  (node.op === 'id' && node.args === name) || childrenOf(node).some((child) => reads(child, name));

function resultSentence(type: string | undefined): string {
  const hint = type === 'dyn' ? ': compare an attribute, as in order.attributes.vip == true' : '';
  return `the condition gives ${type === 'dyn' ? 'anything' : `a value of type ${type}`}, and must give true or false${hint}`;
}

function evaluate(parsed: ParseResult, context: PurchaseContext | EngagementContext): boolean | 'failed' {
  try {
    const answer: unknown = parsed(celContext(context));
    return typeof answer === 'boolean' ? answer : 'failed';
  } catch {
    // What the language throws while running is the answer of this condition, not a fault of ours.
    return 'failed';
  }
}

/** Contexts are asked by many conditions; each is translated once. */
const translated = new WeakMap<object, Record<string, unknown>>();

function celContext(context: PurchaseContext | EngagementContext): Record<string, unknown> {
  const known = translated.get(context);
  if (known) return known;
  const { member, time } = context;
  const own =
    'order' in context
      ? { order: { ...context.order, attributes: celAttributes(context.order.attributes) } }
      : { engagement: { ...context.engagement, attributes: celAttributes(context.engagement.attributes) } };
  const made = { ...own, time, ...(member ? { member } : {}) };
  translated.set(context, made);
  return made;
}

/** JSON knows one kind of number. A whole one becomes an int, so that dividing by zero fails instead of being infinite. */
function celAttributes(attributes: Attributes): ReadonlyMap<string, string | number | bigint | boolean> {
  return new Map(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value,
    ]),
  );
}
