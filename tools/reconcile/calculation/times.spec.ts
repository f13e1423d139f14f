import { expiryOf, releaseOf } from './times.js';

const facts = { time_zone: 'Asia/Tokyo' } as Parameters<typeof expiryOf>[2];
const at = Date.parse('9999-12-30T00:00:00Z');

describe('the end of the calendar', () => {
  it.each([
    { kind: 'rolling', count: 9_999, unit: 'year', round_to: 'none' },
    { kind: 'fixed_dates', dates: ['03-31'] },
  ] as const)('is no expiry: $kind', (policy) => expect(expiryOf(policy, at, facts)).toBeUndefined());

  it('is the last release', () =>
    expect(releaseOf({ kind: 'duration', days: 14 }, at, 'Asia/Tokyo')).toBe(
      Date.parse('9999-12-31T23:59:59.999Z'),
    ));
});
