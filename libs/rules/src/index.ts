export { compileCondition, usesMemberHistory, type CompiledCondition } from './compile-condition.js';
export {
  CONTEXT,
  timeFacts,
  type Attributes,
  type ContextField,
  type ContextName,
  type EngagementContext,
  type Facts,
  type PurchaseContext,
  type TriggerKind,
} from './context.js';
export { COMPREHENSIONS, FUNCTIONS, LIMITS, METHODS } from './limits.js';
export type { ConditionRejection } from './refusal.js';
