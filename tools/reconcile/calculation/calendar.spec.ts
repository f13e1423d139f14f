import { dayOf, endOf, localTime, plusMonths, startOfDay } from './calendar.js';
import type { ProgramFacts } from './requests.js';
import { expiryOf, releaseOf } from './times.js';

const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString();
const program = (time_zone: string) => ({ time_zone }) as ProgramFacts;

describe('local days', () => {
  it.each([
    ['Asia/Tokyo', '2027-04-17', '2027-04-16T15:00:00.000Z'],
    ['Europe/London', '2027-03-28', '2027-03-28T00:00:00.000Z'], // the clocks change at 01:00
    ['Europe/London', '2027-03-29', '2027-03-28T23:00:00.000Z'],
    ['America/New_York', '2027-11-08', '2027-11-08T05:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'], // midnight does not exist
    ['America/Havana', '2027-11-07', '2027-11-07T04:00:00.000Z'], // midnight comes twice: the earlier one
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'], // the day before does not exist
    ['Asia/Kathmandu', '2027-01-01', '2026-12-31T18:15:00.000Z'],
  ])('%s, %s begins at %s', (zone, day, instant) => {
    expect(iso(startOfDay(dayOf(day), zone))).toBe(instant);
  });

  it.each([
    ['2027-01-31', 1, '2027-02-28'],
    ['2028-01-31', 1, '2028-02-29'],
    ['2028-02-29', 12, '2029-02-28'],
    ['2027-11-30', 3, '2028-02-29'],
    ['2027-12-15', 1, '2028-01-15'],
  ])('%s and %i months is %s', (day, count, end) => {
    expect(plusMonths(dayOf(day), count)).toEqual(dayOf(end));
  });

  it.each([
    ['none', '2027-05-10'],
    ['day', '2027-05-10'],
    ['month', '2027-05-31'],
    ['quarter', '2027-06-30'],
    ['year', '2027-12-31'],
  ] as const)('the end of the %s of 10 May is %s', (period, end) => {
    expect(endOf(dayOf('2027-05-10'), period)).toEqual(dayOf(end));
  });

  it('a weekday is 1 on Monday and 7 on Sunday', () => {
    expect(localTime(Date.parse('2027-04-04T15:00:00Z'), 'Asia/Tokyo')).toMatchObject({
      weekday: 1,
      hour: 0,
    });
    expect(localTime(Date.parse('2027-04-04T14:59:59Z'), 'Asia/Tokyo')).toMatchObject({
      weekday: 7,
      hour: 23,
    });
  });
});

describe('release and expiry', () => {
  const occurred = Date.parse('2027-04-02T10:00:00+09:00');

  it.each([
    [{ kind: 'none' }, undefined],
    [{ kind: 'duration', days: 0 }, '2027-04-02T15:00:00.000Z'],
    [{ kind: 'duration', days: 14 }, '2027-04-16T15:00:00.000Z'],
    [{ kind: 'until_date', date: '2027-05-01' }, '2027-04-30T15:00:00.000Z'],
    [{ kind: 'until_date', date: '2027-04-01' }, undefined],
  ] as const)('%j', (pending, release) => {
    expect(iso(releaseOf(pending, occurred, 'Asia/Tokyo'))).toBe(release);
  });

  it.each([
    [undefined, undefined],
    [{ kind: 'never' }, undefined],
    [{ kind: 'rolling', count: 30, unit: 'day' }, '2027-05-02T15:00:00.000Z'],
    [{ kind: 'rolling', count: 2, unit: 'year', round_to: 'quarter' }, '2029-06-30T15:00:00.000Z'],
    [{ kind: 'rolling', count: 1, unit: 'month', round_to: 'year' }, '2027-12-31T15:00:00.000Z'],
    // 30 June leaves 89 days, one less than a life needs.
    [{ kind: 'fixed_dates', dates: ['06-30', '12-31'] }, '2027-12-31T15:00:00.000Z'],
    [{ kind: 'fixed_dates', dates: ['07-01'] }, '2027-07-01T15:00:00.000Z'],
    [{ kind: 'fixed_dates', dates: ['02-29'] }, '2028-02-29T15:00:00.000Z'],
    [{ kind: 'fixed_dates', dates: ['03-31', '01-31'] }, '2028-01-31T15:00:00.000Z'],
  ] as const)('%j', (policy, expiry) => {
    expect(iso(expiryOf(policy, occurred, program('Asia/Tokyo')))).toBe(expiry);
  });
});
