import { instant } from '@kizuna/kernel';
import { advanceClock, type ClockSettings } from './advance-clock.js';

const at = instant('2027-04-10T00:00:00Z');
const later = instant('2027-04-11T00:00:00Z');
const earlier = instant('2027-04-09T23:59:59.999Z');
const stopped: ClockSettings = { mode: 'test', revision: 3, clock_at: '2027-04-10T00:00:00.000Z' };
const running: ClockSettings = { mode: 'test', revision: 3, clock_at: null };

describe('the clock of a test program', () => {
  it.each([
    ['a clock that stands', stopped],
    ['the clock of the system', running],
  ])('moves forward from %s', (_, settings) => {
    expect(advanceClock(settings, { to: later, present: at })).toEqual({
      accepted: true,
      value: { mode: 'test', revision: 4, clock_at: '2027-04-11T00:00:00.000Z' },
    });
  });

  it('stays at its revision when it is moved to where it stands', () => {
    expect(advanceClock(stopped, { to: at, present: at })).toEqual({ accepted: true, value: stopped });
  });

  it('can be stopped at the present', () => {
    expect(advanceClock(running, { to: at, present: at })).toMatchObject({ value: { revision: 4 } });
  });

  it('never moves back', () => {
    expect(advanceClock(stopped, { to: earlier, present: at })).toEqual({
      accepted: false,
      rejection: { code: 'clock_moves_forward', present: at },
    });
  });

  it('stops at the year 9000', () => {
    const latest = instant('9000-01-01T00:00:00Z');
    expect(advanceClock(stopped, { to: latest, present: at })).toMatchObject({ accepted: true });
    const to = instant('9000-01-01T00:00:00.001Z');
    expect(advanceClock(stopped, { to, present: at })).toEqual({
      accepted: false,
      rejection: { code: 'clock_too_far', latest },
    });
  });

  it('is no live program’s', () => {
    expect(advanceClock({ mode: 'live', revision: 1 }, { to: later, present: at })).toMatchObject({
      rejection: { code: 'not_a_test_program' },
    });
  });
});
