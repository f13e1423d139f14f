import type { ASTNode } from '@marcbachmann/cel-js';
import { fieldsOf, isContextName } from './context.js';

/** What kind of value a node gives, as far as the bounds of the language need to know. */
export type NodeKind = 'int' | 'fraction' | 'list' | 'attribute' | 'other';

/** The nodes directly below one. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** `order.total_minor` as its two names; undefined when the node is no field of a variable of ours. */
export function contextField(node: ASTNode): { name: string; field: string } | undefined {
  if (node.op !== '.' || node.args[0].op !== 'id') return undefined;
  return { name: node.args[0].args, field: node.args[1] };
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);

export function kindOf(node: ASTNode): NodeKind {
  if (node.op === 'value')
    return typeof node.args === 'bigint' ? 'int' : typeof node.args === 'number' ? 'fraction' : 'other';
  if (node.op === 'list') return 'list';
  if (node.op === 'rcall')
    return node.args[0] === 'size' ? 'int' : node.args[0] === 'filter' ? 'list' : 'other';
  if (node.op === 'call')
    return ['size', 'int'].includes(node.args[0]) ? 'int' : node.args[0] === 'double' ? 'fraction' : 'other';
  if (node.op === '-_') return kindOf(node.args);
  if (ARITHMETIC.has(node.op))
    return childrenOf(node).every((child) => kindOf(child) === 'int') ? 'int' : 'other';
  const own = contextField(node);
  if (own) return kindOfField(own);
  return isAttribute(node) ? 'attribute' : 'other';
}

function kindOfField({ name, field }: { name: string; field: string }): NodeKind {
  const type = isContextName(name) ? fieldsOf(name)[field]?.type : undefined;
  return type === 'int' ? 'int' : type === 'list<string>' ? 'list' : 'other';
}

/** `order.attributes.score` or `order.attributes["score"]`. */
function isAttribute(node: ASTNode): boolean {
  if (node.op !== '.' && node.op !== '[]') return false;
  return contextField(node.args[0])?.field === 'attributes';
}
