import { matchesLine, type FilteredLine, type LineFilter } from './earning-rule.js';

const line: FilteredLine = {
  sku: 'tea-1',
  category: 'tea',
  attributes: { organic: true, grade: 2, origin: 'Uji' },
};

describe('a line filter', () => {
  it.each<[string, LineFilter, boolean]>([
    ['nothing', {}, true],
    ['one of its SKUs', { skus: ['x', 'tea-1'] }, true],
    ['another category', { categories: ['ware'] }, false],
    ['a brand of a line without one', { brands: ['Uji'] }, false],
    ['the kind that a line has when it names none', { kinds: ['product'] }, true],
    ['a text', { attributes: { origin: ['Uji', 'Shizuoka'] } }, true],
    ['a number by its text', { attributes: { grade: ['2'] } }, true],
    ['a boolean by its text', { attributes: { organic: ['true'] } }, true],
    ['an attribute that the line has not', { attributes: { roast: ['dark'] } }, false],
    ['a name that every object has', { attributes: { toString: ['x'] } }, false],
    ['all of them together', { skus: ['tea-1'], attributes: { grade: ['2'], organic: ['false'] } }, false],
  ])('asks for %s', (_, filter, expected) => {
    expect(matchesLine(filter, line)).toBe(expected);
  });
});
