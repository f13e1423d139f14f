import { wholeBeforeRecoveryMs, type Fault } from './fault.js';

const fault = (startedAt: number, healedAt?: number, recoveredAt?: number): Fault => ({
  number: 1,
  kind: 'service_killed',
  target: 'campaigns',
  startedAt,
  ...(healedAt === undefined ? {} : { healedAt }),
  ...(recoveredAt === undefined ? {} : { recoveredAt }),
});

describe('the time in which the whole was left alone before a fault was recovered from', () => {
  it('begins with its own healing', () => {
    const one = fault(0, 1_000, 9_000);
    expect(wholeBeforeRecoveryMs(one, [one])).toBe(8_000);
  });

  it('begins anew with the healing of what struck meanwhile, and not with what struck later', () => {
    const one = fault(0, 1_000, 90_000);
    const others = [fault(20_000, 30_000, 95_000), fault(91_000, 92_000, 93_000)];
    expect(wholeBeforeRecoveryMs(one, [one, ...others])).toBe(60_000);
  });

  it('is none while something is broken', () => {
    const one = fault(0, 1_000, 90_000);
    expect(wholeBeforeRecoveryMs(one, [one, fault(20_000, 100_000)])).toBe(0);
  });

  it('is unknown of what was not recovered from', () => {
    expect(wholeBeforeRecoveryMs(fault(0, 1_000), [])).toBeUndefined();
  });
});
