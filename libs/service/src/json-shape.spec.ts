import { faultOfShape } from './json-shape.js';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const wide = (keys: number): unknown =>
  Object.fromEntries(Array.from({ length: keys }, (_, key) => [`k${key}`, key]));

describe('the shape of a document', () => {
  it.each<[string, unknown]>([
    ['no object at all', 7],
    ['null', null],
    ['32 levels', nested(32)],
    ['1,000 properties', wide(1_000)],
    ['a long list', Array.from({ length: 100_000 }, () => ({ a: [1] }))],
  ])('may be: %s', (_, document) => {
    expect(faultOfShape(document)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['33 levels', { a: nested(33) }, 'nested deeper than 32'],
    ['10,000 levels', nested(10_000), 'nested deeper than 32'],
    ['100,000 properties', wide(100_000), 'more than 1000 properties'],
    ['1,001 properties, inside', [{ a: wide(1_001) }], 'more than 1000 properties'],
  ])('may not be: %s', (_, document, fault) => {
    expect(faultOfShape(document)).toContain(fault);
  });
});
