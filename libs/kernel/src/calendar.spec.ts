import {
  addToDay,
  endOfDay,
  endOfPeriod,
  localDay,
  localTime,
  startOfDay,
  type LocalDay,
} from './calendar.js';
import { expiresAt, releasedAfter, type ExpiryPolicy } from './expiry.js';
import { formatInstant, instant, LAST_INSTANT } from './instant.js';

const day = (text: string): LocalDay => text as LocalDay;
const TOKYO = 'Asia/Tokyo';
const terms = (timeZone: string) => ({ timeZone, minLifeDays: 90 });
const aYear = (round_to: 'none' | 'month'): ExpiryPolicy => ({
  kind: 'rolling',
  count: 12,
  unit: 'month',
  round_to,
});

describe('the calendar of a program', () => {
  it('takes the day of the zone, not that of UTC', () => {
    expect(localDay(instant('2027-04-30T15:30:00Z'), TOKYO)).toBe('2027-05-01');
    expect(localTime(instant('2027-04-30T15:30:00Z'), TOKYO)).toEqual({ month: 5, hour: 0, weekday: 6 });
  });

  it('clamps months', () => {
    expect(addToDay(day('2027-01-31'), 1, 'month')).toBe('2027-02-28');
    expect(addToDay(day('2028-01-31'), 1, 'month')).toBe('2028-02-29');
    expect(addToDay(day('2028-02-29'), 1, 'year')).toBe('2029-02-28');
  });

  it.each([
    ['day', '2027-04-17'],
    ['month', '2027-04-30'],
    ['quarter', '2027-06-30'],
    ['year', '2027-12-31'],
  ] as const)('ends a %s', (period, last) => {
    expect(endOfPeriod(day('2027-04-17'), period)).toBe(last);
  });

  it('begins a day that has no midnight with its first instant', () => {
    expect(formatInstant(startOfDay(day('2026-03-29'), 'Asia/Beirut'))).toBe('2026-03-28T22:00:00.000Z');
  });

  it('begins a day that has two midnights with the first one', () => {
    expect(formatInstant(startOfDay(day('2026-11-01'), 'America/Havana'))).toBe('2026-11-01T04:00:00.000Z');
  });
});

describe('release and expiry', () => {
  it('T1: 14 days after the day of payment, at the start of the day after', () => {
    expect(formatInstant(releasedAfter(instant('2027-04-02T10:00:00+09:00'), 14, TOKYO))).toBe(
      '2027-04-16T15:00:00.000Z',
    );
  });

  it('T2: 12 months to the end of the month', () => {
    const at = expiresAt(aYear('month'), instant('2027-04-17T00:00:00+09:00'), terms(TOKYO));
    expect(at).toBe(instant('2028-05-01T00:00:00+09:00'));
  });

  it('T3: 12 months from a leap day', () => {
    const at = expiresAt(aYear('none'), instant('2028-02-29T00:00:00+09:00'), terms(TOKYO));
    expect(at).toBe(instant('2029-03-01T00:00:00+09:00'));
  });

  it('T4: on the day on which the clocks change', () => {
    expect(releasedAfter(instant('2027-03-20T12:00:00Z'), 7, 'Europe/London')).toBe(
      instant('2027-03-28T00:00:00Z'),
    );
  });

  it('T5: the end of a month in winter time', () => {
    expect(endOfDay(endOfPeriod(day('2027-11-30'), 'month'), 'America/New_York')).toBe(
      instant('2027-12-01T05:00:00Z'),
    );
  });

  it('takes the next fixed date that leaves the least life', () => {
    const policy: ExpiryPolicy = { kind: 'fixed_dates', dates: ['03-31', '09-30'] };
    const of = (at: string) => expiresAt(policy, instant(at), terms(TOKYO));
    expect(of('2027-01-01T00:00:00+09:00')).toBe(instant('2027-10-01T00:00:00+09:00'));
    expect(of('2026-12-31T00:00:00+09:00')).toBe(instant('2027-04-01T00:00:00+09:00'));
    expect(of('2027-08-01T00:00:00+09:00')).toBe(instant('2028-04-01T00:00:00+09:00'));
  });

  it.each<[string, ExpiryPolicy, string, string | undefined]>([
    [
      '9999 years',
      { kind: 'rolling', count: 9_999, unit: 'year', round_to: 'none' },
      '2027-01-01',
      undefined,
    ],
    ['a year near the end', aYear('month'), '9999-01-15', undefined],
    ['a year that just ends', aYear('none'), '9998-12-30', '9999-12-31'],
    ['the last fixed date', { kind: 'fixed_dates', dates: ['03-31', '12-30'] }, '9999-09-01', '9999-12-31'],
    ['no fixed date any more', { kind: 'fixed_dates', dates: ['03-31'] }, '9999-01-15', undefined],
    ['a least life over the end', { kind: 'fixed_dates', dates: ['12-30'] }, '9999-12-01', undefined],
  ])('ends nothing after the year 9999: %s', (_, policy, released, ends) =>
    expect(expiresAt(policy, instant(`${released}T00:00:00+09:00`), terms(TOKYO))).toBe(
      ends && instant(`${ends}T00:00:00+09:00`),
    ),
  );

  it('releases nothing after the year 9999', () => {
    for (const zone of [TOKYO, 'America/New_York'])
      expect(releasedAfter(instant('9999-12-30T00:00:00Z'), 14, zone)).toBe(LAST_INSTANT);
    expect(expiresAt(aYear('none'), LAST_INSTANT, terms(TOKYO))).toBeUndefined();
    expect(formatInstant(LAST_INSTANT)).toBe('9999-12-31T23:59:59.999Z');
  });

  it('never ends what never expires', () => {
    expect(expiresAt({ kind: 'never' }, instant('2027-01-01T00:00:00Z'), terms(TOKYO))).toBeUndefined();
  });
});
