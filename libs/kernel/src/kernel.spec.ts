import fc from 'fast-check';
import { apportion, deterministicId, fraction, instant, parseInstant, round } from './index.js';

describe('apportioning', () => {
  it('gives the largest fractions first and ties in order', () => {
    expect(apportion(4n, [150n, 150n, 100n])).toEqual([2n, 1n, 1n]);
    expect(apportion(500n, [3300n, 1980n])).toEqual([313n, 187n]);
    expect(apportion(7n, [0n, 0n])).toEqual([0n, 0n]);
  });

  it('loses nothing and never strays a unit from the quota', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), weights, (total, given) => {
        const sum = given.reduce((a, b) => a + b, 0n);
        const parts = apportion(total, given);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(sum === 0n ? 0n : total);
        parts.forEach((part, i) => {
          const quota = sum === 0n ? 0n : (total * (given[i] ?? 0n)) / sum;
          expect(part === quota || part === quota + 1n).toBe(true);
        });
      }),
    );
  });
});

describe('rounding', () => {
  it.each([
    [fraction(5, 2), 2n, 2n, 3n],
    [fraction(7, 2), 3n, 4n, 4n],
    [fraction(8, 3), 2n, 3n, 3n],
    [fraction(6, 3), 2n, 2n, 2n],
    [fraction(0, 3), 0n, 0n, 0n],
  ])('%o', (value, floor, halfEven, ceil) => {
    expect(round(value, 'floor')).toBe(floor);
    expect(round(value, 'half_even')).toBe(halfEven);
    expect(round(value, 'ceil')).toBe(ceil);
  });
});

describe('instants', () => {
  it.each([
    ['2027-04-02T10:00:00+09:00', '2027-04-02T01:00:00.000Z'],
    ['2027-04-02t01:00:00.123456z', '2027-04-02T01:00:00.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('reads %s', (text, utc) => expect(new Date(instant(text)).toISOString()).toBe(utc));

  it.each([
    '2027-02-29T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2027-04-31T00:00:00Z',
    '2027-04-02T10:00:00',
    '2027-04-02',
    '2027-13-01T00:00:00Z',
    '2027-04-02T24:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '',
  ])('refuses %s', (text) => expect(parseInstant(text)).toBeUndefined());
});

describe('deterministic ids', () => {
  const at = instant('2027-04-02T01:00:00Z');

  it('are UUIDs of version 8, the same for the same fact', () => {
    const id = deterministicId(at, 'komorebi', 'purchase', '1');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(deterministicId(at, 'komorebi', 'purchase', '1')).toBe(id);
  });

  it('do not confuse where one part ends', () => {
    expect(deterministicId(at, 'ab', 'c')).not.toBe(deterministicId(at, 'a', 'bc'));
  });

  it('sort by time', () => {
    expect(deterministicId(instant(at + 1), 'a') > deterministicId(at, 'z')).toBe(true);
  });
});
