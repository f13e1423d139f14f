import { faultsOfQuery } from './query.guard.js';

describe('the query of a route', () => {
  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['what it takes', { limit: '5', cursor: 'x' }],
  ])('may have %s', (_, query) => {
    expect(faultsOfQuery(query, ['limit', 'cursor'])).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['a stranger', { limit: '5', as_of: '2027-01-01' }, '/as_of', 'is not a known parameter'],
    ['another spelling', { Limit: '5' }, '/Limit', 'is not a known parameter'],
    ['a pointer’s own signs', { 'a/b~c': '' }, '/a~1b~0c', 'is not a known parameter'],
    ['two of one', { cursor: ['x', 'y'] }, '/cursor', 'is given more than once'],
  ])('is refused for %s', (_, query, pointer, detail) => {
    expect(faultsOfQuery(query, ['limit', 'cursor'])).toEqual([{ pointer, detail }]);
  });
});
