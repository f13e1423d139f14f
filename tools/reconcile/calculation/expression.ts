/**
 * Reads and evaluates rule conditions: a small evaluator of this calculation's own, for the part of CEL that rules use
 * (no library, so that a fault of the product's evaluator is not shared). What it cannot read is reported, never guessed.
 */
import { arithmetic, call, FAILED, member, relation, type Outcome, type Value } from './expression-values.js';

export type Scope = Readonly<Record<string, Value>>;
export type Expression = (scope: Scope) => Outcome;

const TOKEN =
  /\s*(?:(\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(\d+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(\|\||&&|[=!<>]=|[-+*/%<>!?:.,()[\]{}]))/y;
const RELATIONS = ['==', '!=', '<', '<=', '>', '>=', 'in'];
const MACROS = ['exists', 'all', 'exists_one'];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

interface Token {
  readonly kind: 'double' | 'int' | 'text' | 'name' | 'sign' | 'end';
  readonly text: string;
}

class NotUnderstood extends Error {}

/** @returns undefined for an expression that this reader does not understand */
export function expressionOf(text: string): Expression | undefined {
  try {
    return new Reader(tokensOf(text)).whole();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const found = TOKEN.exec(trimmed);
    if (found === null) throw new NotUnderstood();
    const kinds = ['double', 'int', 'text', 'name', 'sign'] as const;
    const index = kinds.findIndex((_, i) => found[i + 1] !== undefined);
    tokens.push({ kind: kinds[index] ?? 'sign', text: found[index + 1] ?? '' });
  }
  return tokens;
}

/** One method per level of precedence, the loosest first. */
class Reader {
  private next = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.choice();
    if (this.next < this.tokens.length) throw new NotUnderstood();
    return expression;
  }

  private choice(): Expression {
    const condition = this.or();
    if (!this.takes('?')) return condition;
    const yes = this.or();
    this.needs(':');
    const no = this.choice();
    return (scope) => {
      const chosen = condition(scope);
      return typeof chosen === 'boolean' ? (chosen ? yes : no)(scope) : FAILED;
    };
  }

  private or(): Expression {
    let left = this.and();
    while (this.takes('||')) left = shortcut(left, this.and(), true);
    return left;
  }

  private and(): Expression {
    let left = this.relations();
    while (this.takes('&&')) left = shortcut(left, this.relations(), false);
    return left;
  }

  private relations(): Expression {
    return this.chain(() => this.sums(), RELATIONS, relation);
  }

  private sums(): Expression {
    return this.chain(() => this.products(), ['+', '-'], arithmetic);
  }

  private products(): Expression {
    return this.chain(() => this.unary(), ['*', '/', '%'], arithmetic);
  }

  private chain(
    part: () => Expression,
    operators: readonly string[],
    apply: (operator: string, a: Outcome, b: Outcome) => Outcome,
  ): Expression {
    let left = part();
    for (;;) {
      const operator = operators.find((sign) => this.takes(sign));
      if (operator === undefined) return left;
      const [first, second] = [left, part()];
      left = (scope) => apply(operator, first(scope), second(scope));
    }
  }

  private unary(): Expression {
    if (this.takes('!')) {
      const value = this.unary();
      return (scope) => not(value(scope));
    }
    if (!this.takes('-')) return this.postfix();
    const value = this.unary();
    return (scope) => negated(value(scope));
  }

  private postfix(): Expression {
    let value = this.primary();
    for (;;) {
      const target = value;
      if (this.takes('[')) {
        const index = this.choice();
        this.needs(']');
        value = (scope) => member(target(scope), index(scope));
      } else if (this.takes('.')) {
        const name = this.name();
        value = this.takes('(') ? this.method(target, name) : (scope) => member(target(scope), name);
      } else return value;
    }
  }

  private method(target: Expression, name: string): Expression {
    if (MACROS.includes(name)) return this.macro(target, name);
    const values = this.list(')');
    return called(name, [target, ...values]);
  }

  /** `list.exists(x, x > 1)` */
  private macro(target: Expression, macro: string): Expression {
    const variable = this.name();
    this.needs(',');
    const test = this.choice();
    this.needs(')');
    return (scope) => {
      const items = target(scope);
      if (!Array.isArray(items)) return FAILED;
      const outcomes = (items as Value[]).map((item) => test({ ...scope, [variable]: item }));
      if (macro === 'exists_one')
        return outcomes.includes(FAILED) ? FAILED : outcomes.filter((is) => is === true).length === 1;
      const decisive = macro === 'exists';
      if (outcomes.includes(decisive)) return decisive;
      return outcomes.every((is) => is === !decisive) ? !decisive : FAILED;
    };
  }

  private primary(): Expression {
    if (this.takes('(')) {
      const inner = this.choice();
      this.needs(')');
      return inner;
    }
    if (this.takes('[')) {
      const items = this.list(']');
      return (scope) => {
        const values = items.map((item) => item(scope));
        return values.includes(FAILED) ? FAILED : (values as Value[]);
      };
    }
    const { kind, text } = this.take();
    if (kind === 'int') return () => BigInt(text);
    if (kind === 'double') return () => Number(text);
    if (kind === 'text') return constant(unescaped(text.slice(1, -1)));
    if (kind !== 'name') throw new NotUnderstood();
    if (text === 'true' || text === 'false') return () => text === 'true';
    if (text === 'null') return () => null;
    if (!this.takes('(')) return (scope) => member(scope, text);
    if (text === 'has') return this.has();
    return called(text, this.list(')'));
  }

  /** `has(order.attributes.note)`: a missing last name is false and no failure. */
  private has(): Expression {
    const names = [this.name()];
    while (this.takes('.')) names.push(this.name());
    this.needs(')');
    return (scope) => {
      const holder = names.slice(0, -1).reduce<Outcome>(member, scope);
      return holder === FAILED ? FAILED : member(holder, names.at(-1) ?? '') !== FAILED;
    };
  }

  private list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.takes(end)) {
      if (items.length > 0) this.needs(',');
      items.push(this.choice());
    }
    return items;
  }

  private name(): string {
    const { kind, text } = this.take();
    if (kind !== 'name') throw new NotUnderstood();
    return text;
  }

  private take(): Token {
    const token = this.tokens[this.next] ?? { kind: 'end', text: '' };
    this.next += 1;
    return token;
  }

  private takes(sign: string): boolean {
    const token = this.tokens[this.next];
    const isIt = token?.text === sign && (token.kind === 'sign' || sign === 'in');
    if (isIt) this.next += 1;
    return isIt;
  }

  private needs(sign: string): void {
    if (!this.takes(sign)) throw new NotUnderstood();
  }
}

const constant =
  (value: Value): Expression =>
  () =>
    value;

/** `||` (decisive true) and `&&` (decisive false): one decisive side is enough, even where the other fails. */
function shortcut(left: Expression, right: Expression, decisive: boolean): Expression {
  return (scope) => {
    const [a, b] = [left(scope), right(scope)];
    if (a === decisive || b === decisive) return decisive;
    return a === !decisive && b === !decisive ? !decisive : FAILED;
  };
}

function called(name: string, values: readonly Expression[]): Expression {
  if (call(name, [FAILED]) === undefined) throw new NotUnderstood();
  return (scope) =>
    call(
      name,
      values.map((value) => value(scope)),
    ) ?? FAILED;
}

const not = (value: Outcome): Outcome => (typeof value === 'boolean' ? !value : FAILED);
const negated = (value: Outcome): Outcome =>
  typeof value === 'bigint' || typeof value === 'number' ? -value : FAILED;

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, char: string) => {
    if (/[uUxX0-7]/.test(char)) throw new NotUnderstood();
    return ESCAPES[char] ?? char;
  });
}
