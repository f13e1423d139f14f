import { KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSProtocolError } from 'kafkajs';
import { classify, isBrokerAway, Missing, NotThereYet } from './failures.js';

describe('what is missing', () => {
  const settings = new NotThereYet('settings', 60_000, 'no settings yet');
  const asked = (missing: Missing, seconds: number) => classify(settings, missing, seconds * 1_000);

  it('is waited for as long as it is worth, then given up at once', () => {
    const missing = new Missing();
    expect([0, 30, 59.9, 60, 61].map((second) => asked(missing, second))).toEqual([
      ...Array<string>(3).fill('infrastructure'),
      ...['event', 'event'],
    ]);
  });

  it('is waited for anew when it was there in between', () => {
    const missing = new Missing();
    asked(missing, 0);
    missing.waits('topic/1', settings);
    missing.gotOn('topic/1');
    expect(asked(missing, 90)).toBe('infrastructure');
  });

  it('stays given up when the lane got on because its events were parked', () => {
    const missing = new Missing();
    asked(missing, 0);
    missing.waits('topic/1', settings);
    asked(missing, 60);
    missing.gotOn('topic/1');
    expect(asked(missing, 120)).toBe('event');
  });

  it('is waited for anew when nobody has asked for long', () => {
    const missing = new Missing();
    asked(missing, 0);
    asked(missing, 60);
    expect(asked(missing, 60 + 601)).toBe('infrastructure');
  });
});

describe('a broker', () => {
  const unreachable = new KafkaJSConnectionError('connect ECONNREFUSED', { broker: '127.0.0.1:1' });

  it.each<[isAway: boolean, what: string, error: unknown]>([
    [true, 'that nobody reaches', unreachable],
    [
      true,
      'that nobody reaches, as the client wraps it',
      new KafkaJSNonRetriableError('given up', { cause: unreachable }),
    ],
    [true, 'that says it is not up yet', new KafkaJSProtocolError({ message: 'loading', retriable: true })],
    [
      false,
      'that refuses what is asked',
      new KafkaJSProtocolError({ message: 'no access', retriable: false }),
    ],
    [false, 'that the client has given up', new KafkaJSNonRetriableError('wrong version')],
    [false, 'that was never asked', new Error('configuration')],
    [false, 'behind nothing', undefined],
  ])('is away, %s: one %s', (isAway, _, error) => {
    expect(isBrokerAway(error)).toBe(isAway);
  });
});
