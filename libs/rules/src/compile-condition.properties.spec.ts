import fc from 'fast-check';
import { instant } from '@kizuna/kernel';
import { compileCondition } from './compile-condition.js';
import { CONTEXT, timeFacts, type PurchaseContext } from './context.js';
import { COMPREHENSIONS, FUNCTIONS, METHODS } from './limits.js';

const fields = Object.entries(CONTEXT).flatMap(([name, variable]) =>
  Object.keys(variable.fields).map((field) => `${name}.${field}`),
);
const WORDS = [
  ...fields,
  ...[...FUNCTIONS, ...METHODS, ...COMPREHENSIONS].flatMap((name) => [`${name}(`, `.${name}(`]),
  ...'( ) [ ] { } , . : ? ! == != < <= > >= && || + - * / % in s 0 1 2.5 "a" true null __proto__ \\ \' " //'.split(
    ' ',
  ),
  'order.attributes.n',
  'order.attributes.w',
];

/** Sentences of the language more often than not: small conditions put together. */
const grammar = fc.letrec<{ bool: string; int: string; text: string; list: string }>((tie) => ({
  int: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '0',
      '1',
      '9223372036854775807',
      'order.total_minor',
      'time.hour',
      'order.attributes.n',
      'order.attributes.w',
      'order.attributes.none',
    ),
    fc
      .tuple(tie('int'), fc.constantFrom('+', '-', '*', '/', '%'), tie('int'))
      .map((parts) => `(${parts.join(' ')})`),
    tie('text').map((text) => `size(${text})`),
    tie('list').map((list) => `${list}.size()`),
    tie('text').map((text) => `int(${text})`),
  ),
  text: fc.constantFrom('""', '"12"', 'order.channel', 'order.attributes.note', 's'),
  list: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('order.skus', 'order.brands', '["a", "b"]', '[]'),
    fc.tuple(tie('list'), tie('bool')).map(([list, bool]) => `${list}.filter(s, ${bool})`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'true',
      'false',
      'member.is_first_purchase',
      'order.attributes.vip',
      'has(order.attributes.vip)',
    ),
    fc
      .tuple(tie('int'), fc.constantFrom('<', '<=', '==', '!=', '>'), tie('int'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('text'), tie('list')).map((parts) => parts.join(' in ')),
    fc
      .tuple(tie('bool'), fc.constantFrom('&&', '||', '=='), tie('bool'))
      .map((parts) => `(${parts.join(' ')})`),
    tie('bool').map((bool) => `!(${bool})`),
    fc
      .tuple(tie('list'), fc.constantFrom('all', 'exists', 'exists_one'), tie('bool'))
      .map(([list, name, bool]) => `${list}.${name}(s, ${bool})`),
    fc.tuple(tie('bool'), tie('bool'), tie('bool')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

const context: PurchaseContext = {
  order: {
    currency: 'JPY',
    channel: 'web',
    store_id: '',
    payment_method: '',
    total_minor: 5_480n,
    eligible_minor: 5_480n,
    discount_minor: 0n,
    shipping_minor: 0n,
    paid_with_points_minor: 0n,
    quantity: 2n,
    skus: ['a', 'c'],
    categories: [],
    brands: [],
    coupon_codes: [],
    attributes: { n: 0, w: 2.5, vip: true, note: '12' },
  },
  member: { orders: 2n, is_first_purchase: false },
  time: timeFacts(instant('2027-04-10T00:00:00Z'), 'Asia/Tokyo'),
};

/** What became of it: refused with a sentence, or an answer. Anything thrown fails the spec. */
function outcomeOf(expression: string): 'refused' | boolean | 'failed' {
  const decision = compileCondition(expression, 'purchase');
  if (decision.accepted) return decision.value.evaluate(context);
  expect(decision.rejection.detail).not.toBe('');
  return 'refused';
}

describe('whatever somebody writes', () => {
  it('is refused with a sentence or answered, and never thrown', () => {
    const written = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(fc.constantFrom(...WORDS), { maxLength: 20 }).map((words) => words.join(' ')),
      fc.array(fc.constantFrom(...WORDS), { maxLength: 20 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(written, (expression) => {
        expect(['refused', 'failed', true, false]).toContain(outcomeOf(expression));
      }),
      { numRuns: 3_000 },
    );
  });

  it('in the language is answered alike again, and every answer occurs', () => {
    const seen = new Map<unknown, number>();
    fc.assert(
      fc.property(grammar.bool, (expression) => {
        const first = outcomeOf(expression);
        seen.set(first, (seen.get(first) ?? 0) + 1);
        expect(outcomeOf(expression)).toBe(first);
      }),
      { numRuns: 3_000, seed: 20 },
    );
    for (const answer of ['refused', 'failed', true, false]) expect(seen.get(answer)).toBeGreaterThan(50);
  });

  it('is never answered as true because of an infinite number', () => {
    const numbers = fc.constantFrom(
      'order.attributes.n',
      'order.attributes.w',
      '0',
      '0.0',
      '1',
      '2.5',
      'double(order.attributes.n)',
      '(order.attributes.w - order.attributes.w)',
    );
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const isInfinite = `${a} / ${b} > 9000000000000000000000.0`;
        expect(outcomeOf(isInfinite)).not.toBe(true);
      }),
    );
  });
});
