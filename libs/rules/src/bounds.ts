import type { ASTNode } from '@marcbachmann/cel-js';
import { fieldsOf, isContextName, missingField, namesFor, type TriggerKind } from './context.js';
import { COMPREHENSIONS, FUNCTIONS, METHODS } from './limits.js';
import { childrenOf, contextField, kindOf } from './syntax.js';

/** What the language refuses although CEL knows it, or before CEL says it less clearly. */
export interface SyntaxFault {
  readonly sentence: string;
  readonly node: ASTNode;
}

interface Scope {
  readonly trigger: TriggerKind;
  /** The name that stands for an element, inside a comprehension. */
  readonly element: string | undefined;
}

/** The first fault in reading order. */
export function faultOf(node: ASTNode, trigger: TriggerKind): SyntaxFault | undefined {
  return findFault(node, { trigger, element: undefined });
}

function findFault(node: ASTNode, scope: Scope): SyntaxFault | undefined {
  const sentence = sentenceFor(node, scope);
  if (sentence !== undefined) return { sentence, node };
  if (node.op === 'rcall' && COMPREHENSIONS.has(node.args[0])) return comprehensionFault(node, scope);
  for (const child of childrenOf(node)) {
    const fault = findFault(child, scope);
    if (fault) return fault;
  }
  return undefined;
}

/**
 * A comprehension looks at a list of the order, once per element: one inside another, or one over a list made by adding
 * lists, would cost the product of their lengths.
 */
function comprehensionFault(node: Extract<ASTNode, { op: 'rcall' }>, scope: Scope): SyntaxFault | undefined {
  const [name, list, [variable, condition]] = node.args;
  if (scope.element !== undefined)
    return { node, sentence: `${name}() cannot stand inside another loop over a list` };
  if (variable?.op !== 'id' || !condition || node.args[2].length !== 2)
    return { node, sentence: `${name}() takes a name and a condition: list.${name}(item, item == "x")` };
  if (isContextName(variable.args))
    return {
      node: variable,
      sentence: `${variable.args} is a name of the context: call the element something else`,
    };
  if (kindOf(list) !== 'list')
    return {
      node: list,
      sentence: `${name}() looks at a list of the order, at its filter() or at a written list`,
    };
  return findFault(list, scope) ?? findFault(condition, { ...scope, element: variable.args });
}

function sentenceFor(node: ASTNode, scope: Scope): string | undefined {
  switch (node.op) {
    case 'id':
      return nameSentence(node.args, scope);
    case '.':
      return scope.element !== undefined && kindOf(node) === 'list'
        ? `${fieldText(node)} is a list, and a loop over one list cannot read another`
        : undefined;
    case 'call':
      return functionSentence(node.args[0], FUNCTIONS, [...FUNCTIONS].join(', ')) ?? hasSentence(node);
    case 'rcall':
      return functionSentence(
        node.args[0],
        new Set([...METHODS, ...COMPREHENSIONS]),
        `.${[...METHODS, ...COMPREHENSIONS].join(', .')}`,
      );
    case '[]':
      return node.args[0].op === 'id' && isContextName(node.args[0].args)
        ? `write the field after a dot: ${node.args[0].args}.name`
        : undefined;
    case 'map':
      return 'a map cannot be written here';
    case 'value':
      return node.args instanceof Uint8Array ? 'bytes cannot be written here' : undefined;
    case '+':
      return childrenOf(node).some((child) => kindOf(child) === 'list') ? 'lists cannot be added' : undefined;
    case '/':
    case '%':
      return divisorSentence(node.args[1]);
    default:
      return undefined;
  }
}

function nameSentence(name: string, { trigger, element }: Scope): string | undefined {
  const names: readonly string[] = namesFor(trigger);
  if (name === element || names.includes(name)) return undefined;
  const known = `a rule of ${trigger}s reads ${names.join(', ')}`;
  return isContextName(name) ? `${name} is not there: ${known}` : `${name} is not known: ${known}`;
}

function functionSentence(name: string, known: ReadonlySet<string>, list: string): string | undefined {
  if (name === 'matches')
    return 'matches() is refused, a regular expression can take for ever: use contains, startsWith or endsWith';
  return known.has(name) ? undefined : `${name}() is not known; there are ${list}`;
}

/** `has` of a name that no order has would be false for ever, and hide the slip of the pen. */
function hasSentence(node: Extract<ASTNode, { op: 'call' }>): string | undefined {
  const asked = node.args[0] === 'has' ? node.args[1][0] : undefined;
  const own = asked && contextField(asked);
  if (!own || !isContextName(own.name)) return undefined;
  return Object.hasOwn(fieldsOf(own.name), own.field) ? undefined : missingField(own.name, own.field);
}

/**
 * A fraction divided by zero is infinite for CEL and would pass for a large number. Whole numbers say so at run time, and an
 * attribute that is zero is a whole number; so only these divide.
 */
function divisorSentence(divisor: ASTNode): string | undefined {
  const kind = kindOf(divisor);
  if (divisor.op === 'value' && (divisor.args === 0 || divisor.args === 0n)) return 'this divides by zero';
  if (kind === 'int' || kind === 'attribute' || divisor.op === 'value') return undefined;
  return 'only a whole number, an attribute or a written number can divide: say a > 2.0 * b for a / b > 2.0';
}

const fieldText = (node: ASTNode): string => {
  const own = contextField(node);
  return own ? `${own.name}.${own.field}` : 'this';
};
