import { formatInstant, instant, type ExpiryPolicy } from '@kizuna/kernel';
import { BASE, rule, SETTINGS } from '../testing/earning.js';
import { awardTimes } from './award-times.js';
import type { EarningRule } from './earning-rule.js';
import { dayOf, monthOf, monthRange } from './program-days.js';

const yearToMonthEnd: ExpiryPolicy = { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' };
const aYear: ExpiryPolicy = { ...yearToMonthEnd, round_to: 'none' };
const REVIEW = rule('REVIEW', {
  trigger: { kind: 'engagement', activity: 'review' },
  reward: { kind: 'fixed', units: 30 },
});

function times(
  given: EarningRule,
  occurredAt: string,
  {
    window = 14 as number | null,
    zone = 'Asia/Tokyo',
    expiry,
  }: { window?: number | null; zone?: string; expiry?: ExpiryPolicy } = {},
) {
  const { releaseAt, expiresAt } = awardTimes(given, instant(occurredAt), {
    ...SETTINGS,
    timeZone: zone,
    returnWindowDays: window,
    expiry: new Map(expiry ? [['points', expiry]] : []),
  });
  const text = (at: typeof releaseAt): string | undefined =>
    at === undefined ? undefined : formatInstant(at);
  return [text(releaseAt), text(expiresAt)];
}

describe('when an award can be spent and when it lapses', () => {
  it('T1 14 days after the day of the purchase', () =>
    expect(times(BASE, '2027-04-02T10:00:00+09:00')).toEqual(['2027-04-16T15:00:00.000Z', undefined]));

  it('T2 12 months to the end of the month, from the release', () =>
    expect(times(BASE, '2027-04-02T10:00:00+09:00', { expiry: yearToMonthEnd })).toEqual([
      '2027-04-16T15:00:00.000Z',
      '2028-04-30T15:00:00.000Z',
    ]));

  it('T3 12 months from 29 February', () =>
    expect(times(BASE, '2028-02-14T10:00:00+09:00', { expiry: aYear })).toEqual([
      '2028-02-28T15:00:00.000Z',
      '2029-02-28T15:00:00.000Z',
    ]));

  it('T4 over the night on which the clocks change', () =>
    expect(times(BASE, '2027-03-20T12:00:00Z', { zone: 'Europe/London', window: 7 })).toEqual([
      '2027-03-28T00:00:00.000Z',
      undefined,
    ]));

  it('at once where the program has no return window, and the clock of expiry starts then', () =>
    expect(times(BASE, '2027-04-02T10:00:00+09:00', { window: null, expiry: aYear })).toEqual([
      undefined,
      '2028-04-02T15:00:00.000Z',
    ]));

  it('what a member did is not pending, unless its rule says so', () => {
    expect(times(REVIEW, '2027-04-02T10:00:00+09:00')).toEqual([undefined, undefined]);
    const later = { ...REVIEW, pending: { kind: 'duration', days: 1 } as const };
    expect(times(later, '2027-04-02T10:00:00+09:00')[0]).toBe('2027-04-03T15:00:00.000Z');
  });

  it('on a date, unless it has come', () => {
    const until = { ...BASE, pending: { kind: 'until_date', date: '2027-05-01' } as const };
    expect(times(until, '2027-04-30T23:59:59+09:00')[0]).toBe('2027-04-30T15:00:00.000Z');
    expect(times(until, '2027-05-01T00:00:00+09:00')[0]).toBeUndefined();
  });

  it('the rule’s own terms come before the program’s', () => {
    const own = { ...BASE, pending: { kind: 'none' } as const, expiry: { kind: 'never' } as const };
    expect(times(own, '2027-04-02T10:00:00+09:00', { expiry: aYear })).toEqual([undefined, undefined]);
  });

  it.each<[string, Partial<EarningRule>, string, string]>([
    [
      '9999 years of life',
      { expiry: { kind: 'rolling', count: 9_999, unit: 'year', round_to: 'none' } },
      '2027-04-02',
      '2027-04-16',
    ],
    ['a clock at the end', { expiry: aYear }, '9999-12-30', '9999-12-31'],
    [
      'the last date and a life after it',
      { pending: { kind: 'until_date', date: '9999-12-31' }, expiry: aYear },
      '2027-04-02',
      '9999-12-30',
    ],
    ['a fixed date', { expiry: { kind: 'fixed_dates', dates: ['03-31'] } }, '9999-12-31', '9999-12-31'],
  ])('can always be written: %s', (_, terms, on, release) => {
    const [releaseAt, expires] = times({ ...BASE, ...terms }, `${on}T12:00:00+09:00`);
    expect([releaseAt?.slice(0, 10), expires]).toEqual([release, undefined]);
  });

  it('is the same from memory, for any moment of a day and for none of another', () => {
    const day = ['2027-06-01T00:00:00+09:00', '2027-06-01T23:59:59.999+09:00'];
    const next = times(BASE, '2027-06-02T00:00:00+09:00', { expiry: aYear });
    const [first, last] = day.map((at) => times(BASE, at, { expiry: aYear }));
    expect(first).toEqual(last);
    expect(first).toEqual(['2027-06-15T15:00:00.000Z', '2028-06-16T15:00:00.000Z']);
    expect(next).not.toEqual(first);
  });
});

describe('days and months of a program', () => {
  it('T6 the last evening of April in UTC is in May in Tokyo', () => {
    const at = instant('2027-04-30T15:30:00Z');
    expect(monthOf(at, 'Asia/Tokyo')).toBe('2027-05');
    expect(monthOf(at, 'Europe/London')).toBe('2027-04');
    const { from, to } = monthRange(at, 'Asia/Tokyo');
    expect([formatInstant(from), formatInstant(to)]).toEqual([
      '2027-04-30T15:00:00.000Z',
      '2027-05-31T15:00:00.000Z',
    ]);
  });

  it('a month that begins after the last one in UTC is still one', () => {
    const { month, from } = monthRange(instant('9999-12-31T18:00:00Z'), 'Asia/Tokyo');
    expect([month, formatInstant(from)]).toEqual(['+010000-01', '9999-12-31T15:00:00.000Z']);
  });

  it('both sides of a midnight are different days, whichever is asked for first', () => {
    const before = instant('2027-03-27T23:59:59.999Z');
    const after = instant('2027-03-28T00:00:00Z');
    for (const zone of ['Europe/London', 'UTC']) {
      expect([dayOf(after, zone), dayOf(before, zone), dayOf(after, zone)]).toEqual([
        '2027-03-28',
        '2027-03-27',
        '2027-03-28',
      ]);
    }
  });
});
