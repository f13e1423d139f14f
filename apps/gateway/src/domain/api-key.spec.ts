import { formatKey, hasKey, kindOfKey } from './api-key.js';

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

describe('a key in an address', () => {
  it.each([
    `/v1/program?api_key=kz_live_${SECRET}`,
    `/v1/members/kz_test_${SECRET}/wallets`,
    `/v1/rules?x=kz%5Flive%5f${SECRET}`,
    `/v1/rules?x=KZ_LIVE_${SECRET.slice(0, 30)}`,
  ])('is seen: %s', (address) => {
    expect(hasKey(address)).toBe(true);
  });

  it.each(['/v1/rules?cursor=kz_live_', '/v1/members/kz_live_ann/wallets', '/v1/program'])(
    'is none: %s',
    (address) => {
      expect(hasKey(address)).toBe(false);
    },
  );
});
