import { instant } from '@kizuna/kernel';
import { checkOccurredAt } from './check-occurred-at.js';

const now = instant('2026-03-01T12:00:00Z');
const startsAt = instant('2026-01-01T00:00:00Z');

describe('when an event may have occurred', () => {
  it.each(['2026-01-01T00:00:00Z', '2026-03-01T12:00:00Z', '2026-03-01T12:10:00Z'])(
    'accepted: %s',
    (text) => {
      expect(checkOccurredAt(instant(text), { now, startsAt })).toEqual({
        accepted: true,
        value: instant(text),
      });
    },
  );

  it.each([
    ['2026-03-01T12:10:00.001Z', 'occurred_in_future'],
    ['2025-12-31T23:59:59.999Z', 'occurred_before_start'],
    // Half past midnight in Tokyo, still the year before in UTC.
    ['2026-01-01T00:30:00+09:00', 'occurred_before_start'],
  ])('refused: %s', (text, code) => {
    expect(checkOccurredAt(instant(text), { now, startsAt })).toMatchObject({ rejection: { code } });
  });
});
