import { formatKey, kindOfKey } from './api-key.js';

const SECRET = 'A-_z'.repeat(10) + 'abc';

describe('the form of an API key', () => {
  it.each(['live', 'test'] as const)('tells its kind: %s', (kind) => {
    expect(kindOfKey(formatKey(kind, SECRET))).toBe(kind);
  });

  it.each([
    ['another kind', `kz_prod_${SECRET}`],
    ['too short', `kz_live_${SECRET.slice(1)}`],
    ['too long', `kz_live_${SECRET}a`],
    ['other characters', `kz_live_${SECRET.slice(1)}+`],
    ['a line behind it', `kz_live_${SECRET}\n`],
    ['nothing', ''],
  ])('is not one: %s', (_, text) => {
    expect(kindOfKey(text)).toBeUndefined();
  });
});
