import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalHash } from './canonical.js';

const hashOf = (data: object): string =>
  createHash('sha256')
    .update(canonicalize(data) ?? '')
    .digest('hex');

const document = fc
  .dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
    noNullPrototype: true,
  })
  .filter((data) => !('occurred_at' in data));

describe('the hash of what an event says', () => {
  it('is that of the canonical form of RFC 8785, for any document', () => {
    fc.assert(
      fc.property(document, (data) => expect(canonicalHash(data)).toBe(hashOf(data))),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['keys that look like indexes', { b: 1, 10: 2, 9: 3, a: { 2: 1, 1: 2 } }],
    ['keys beyond the basic plane', { '\u{1f375}': 1, '\ufb33': 2, '\u20ac': 3, a: 4 }],
    ['numbers of every form', { a: 1e21, b: 1e-7, c: -0, d: 333333333.33333329, e: 4.5 }],
    ['lists of objects', { list: [{ b: 1, a: 2 }, [{ d: 1, c: 2 }], null, true] }],
    ['a key that would be a prototype', { a: JSON.parse('{ "__proto__": [], "b": 1 }') as object }],
    ['the look of half a surrogate pair', { a: String.raw`\ud83c`, b: '\u{1f375}' }],
    ['what is undefined', { a: undefined, b: { c: undefined, d: 1 } }],
  ])('sees through %s', (_, data) => {
    expect(canonicalHash(data)).toBe(hashOf(data));
  });

  it('does not depend on the order of keys nor on the zone in which an instant is written', () => {
    const first = { occurred_at: '2027-04-10T09:00:00+09:00', order_id: 'o1', lines: [{ a: 1, b: 2 }] };
    const second = { lines: [{ b: 2, a: 1 }], order_id: 'o1', occurred_at: '2027-04-10T00:00:00.000Z' };
    expect(canonicalHash(first)).toBe(canonicalHash(second));
    expect(canonicalHash({ ...first, order_id: 'o2' })).not.toBe(canonicalHash(first));
  });

  it('leaves the data as they were', () => {
    const data = { occurred_at: '2027-04-10T09:00:00+09:00', b: 1, a: 2 };
    canonicalHash(data);
    expect(JSON.stringify(data)).toBe('{"occurred_at":"2027-04-10T09:00:00+09:00","b":1,"a":2}');
  });
});
