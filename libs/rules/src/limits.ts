/** Bounds of one condition: what it may be, so that neither reading nor running it can hold up a lane. */
export const LIMITS = {
  characters: 4_000,
  /** Nodes of the parsed expression. */
  nodes: 500,
  /** Parentheses, calls, fields and indexes inside each other. */
  depth: 32,
  listElements: 200,
  callArguments: 4,
} as const;

/** Functions with the name in front: `size(order.skus)`. */
export const FUNCTIONS: ReadonlySet<string> = new Set(['size', 'has', 'int', 'double', 'string']);

/** Functions of a value: `order.channel.startsWith("w")`. */
export const METHODS: ReadonlySet<string> = new Set([
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
]);

/** Methods that look at every element of a list; they take a name and a condition on it. */
export const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter']);
