/**
 * Values of rule conditions and what their operators do. Whole numbers are BigInt, as in CEL; whatever CEL calls an error
 * is FAILED, which spreads through everything but `||`, `&&` and `?:` that do not need it.
 */

export const FAILED = Symbol('failed');

export type Value =
  bigint | number | string | boolean | null | readonly Value[] | { readonly [name: string]: Value };
export type Outcome = Value | typeof FAILED;

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);
const inRange = (value: bigint): Outcome => (value > INT_MAX || value < INT_MIN ? FAILED : value);

const isNumber = (value: Value): value is bigint | number =>
  typeof value === 'bigint' || typeof value === 'number';

const INTS: Record<string, (a: bigint, b: bigint) => Outcome> = {
  '+': (a, b) => inRange(a + b),
  '-': (a, b) => inRange(a - b),
  '*': (a, b) => inRange(a * b),
  '/': (a, b) => (b === 0n ? FAILED : inRange(a / b)),
  '%': (a, b) => (b === 0n ? FAILED : a % b),
};
const DOUBLES: Record<string, (a: number, b: number) => Outcome> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

export function arithmetic(operator: string, a: Outcome, b: Outcome): Outcome {
  if (a === FAILED || b === FAILED) return FAILED;
  if (typeof a === 'bigint' && typeof b === 'bigint') return INTS[operator]?.(a, b) ?? FAILED;
  if (typeof a === 'number' && typeof b === 'number') return DOUBLES[operator]?.(a, b) ?? FAILED;
  if (operator !== '+') return FAILED;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  return Array.isArray(a) && Array.isArray(b) ? [...(a as Value[]), ...(b as Value[])] : FAILED;
}

export function relation(operator: string, a: Outcome, b: Outcome): Outcome {
  if (a === FAILED || b === FAILED) return FAILED;
  if (operator === '==') return equals(a, b);
  if (operator === '!=') return !equals(a, b);
  if (operator === 'in') return isIn(a, b);
  const comparable = (isNumber(a) && isNumber(b)) || (typeof a === 'string' && typeof b === 'string');
  if (!comparable) return FAILED;
  const [left, right] = [a as string, b as string];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

export function member(value: Outcome, name: Outcome): Outcome {
  if (value === FAILED || name === FAILED || value === null || typeof value !== 'object') return FAILED;
  if (Array.isArray(value)) return isNumber(name) ? ((value as Value[])[Number(name)] ?? FAILED) : FAILED;
  if (typeof name !== 'string' || !Object.hasOwn(value, name)) return FAILED;
  return (value as Readonly<Record<string, Value>>)[name] ?? null;
}

/** `size(x)`, `x.size()`, `x.startsWith(y)`… @returns undefined for a function that is not known here */
export function call(name: string, values: readonly Outcome[]): Outcome | undefined {
  const known = FUNCTIONS[name];
  if (known === undefined) return undefined;
  const [first = FAILED, second] = values;
  return values.includes(FAILED) ? FAILED : known(first as Value, second as Value);
}

const ofTexts =
  (test: (a: string, b: string) => boolean) =>
  (a: Value, b: Value): Outcome =>
    typeof a === 'string' && typeof b === 'string' ? test(a, b) : FAILED;

const FUNCTIONS: Record<string, (a: Value, b: Value) => Outcome> = {
  size: (a) => {
    if (typeof a === 'string') return BigInt([...a].length);
    if (Array.isArray(a)) return BigInt(a.length);
    return typeof a === 'object' && a !== null ? BigInt(Object.keys(a).length) : FAILED;
  },
  startsWith: ofTexts((a, b) => a.startsWith(b)),
  endsWith: ofTexts((a, b) => a.endsWith(b)),
  contains: ofTexts((a, b) => a.includes(b)),
  double: (a) => (isNumber(a) ? Number(a) : FAILED),
  int: (a) => (isNumber(a) && Number.isFinite(Number(a)) ? inRange(BigInt(Math.trunc(Number(a)))) : FAILED),
  string: (a) => (typeof a === 'object' ? FAILED : String(a)),
};

function equals(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return typeof a === typeof b ? a === b : Number(a) === Number(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Value, i) => equals(item, (b as Value[])[i] ?? null));
  return a === b;
}

function isIn(a: Value, b: Value): Outcome {
  if (Array.isArray(b)) return b.some((item: Value) => equals(a, item));
  return typeof b === 'object' && b !== null && typeof a === 'string' ? Object.hasOwn(b, a) : FAILED;
}

/** A value of JSON: whole numbers are ints. */
export function valueOf(json: unknown): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map(valueOf);
  if (typeof json === 'object' && json !== null)
    return Object.fromEntries(Object.entries(json).map(([name, item]) => [name, valueOf(item)]));
  return typeof json === 'string' || typeof json === 'boolean' ? json : null;
}
