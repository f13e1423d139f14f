import { Environment } from '@marcbachmann/cel-js';
import { CONTEXT, fieldsOf, namesFor, type FieldType, type TriggerKind } from './context.js';
import { LIMITS } from './limits.js';

const CEL_TYPES = {
  string: 'string',
  int: 'int',
  bool: 'bool',
  'list<string>': 'list<string>',
  attributes: 'map',
} as const satisfies Record<FieldType, string>;

function environmentFor(trigger: TriggerKind): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: true,
    enableOptionalTypes: false,
    limits: {
      maxAstNodes: LIMITS.nodes,
      maxDepth: LIMITS.depth,
      maxListElements: LIMITS.listElements,
      maxMapEntries: 0,
      maxCallArguments: LIMITS.callArguments,
    },
  });
  for (const name of namesFor(trigger)) {
    const schema = Object.fromEntries(
      Object.entries(fieldsOf(name)).map(([field, { type }]) => [field, CEL_TYPES[type]]),
    );
    environment.registerVariable({ name, schema, description: CONTEXT[name].meaning });
  }
  return environment;
}

/** Types, limits and variables of the language, made once. */
export const ENVIRONMENTS: Readonly<Record<TriggerKind, Environment>> = {
  purchase: environmentFor('purchase'),
  engagement: environmentFor('engagement'),
};
