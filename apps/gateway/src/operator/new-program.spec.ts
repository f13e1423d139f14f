import { SCOPES } from '@kizuna/service';
import { readNewProgram } from './new-program.js';

const document = { program_id: 'shop', name: 'Shop', mode: 'live', time_zone: 'Asia/Tokyo', currency: 'JPY' };

describe('the document of a new program', () => {
  it('is completed with defaults', () => {
    expect(readNewProgram(document)).toEqual({
      accepted: true,
      value: {
        settings: {
          ...document,
          revision: 1,
          wallets: [{ wallet: 'points' }],
          rounding: 'floor',
          earn_net_of_tax: true,
          late_window_days: 30,
          max_award: 1_000_000_000,
        },
        key: { name: 'operator', scopes: SCOPES },
      },
    });
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'the input must be one JSON object'],
    ['no name', { ...document, name: undefined }, 'name is required'],
    ['a property of no meaning', { ...document, tier: 1 }, 'tier is not a known property'],
    [
      'a chosen revision',
      { ...document, revision: 7 },
      'revision is given by the gateway and cannot be chosen',
    ],
    [
      'an odd id',
      { ...document, program_id: 'My Shop' },
      'program_id "My Shop" must have 3 to 40 small letters',
    ],
    [
      'no such zone',
      { ...document, time_zone: 'Mars/Base' },
      'time_zone "Mars/Base" is not an IANA time zone',
    ],
    ['an offset', { ...document, time_zone: '+09:00' }, 'time_zone "+09:00" is not an IANA time zone'],
    ['no such currency', { ...document, currency: 'YEN' }, 'currency "YEN" is not an ISO 4217 code'],
    [
      'a wallet twice',
      { ...document, wallets: [{ wallet: 'a' }, { wallet: 'a' }] },
      'wallets has the same wallet twice',
    ],
    [
      'a term of ages',
      { ...document, wallets: [{ wallet: 'a', expiry: { kind: 'rolling', count: 101, unit: 'year' } }] },
      'wallets/0/expiry/count is more than 100 years',
    ],
    ['another mode', { ...document, mode: 'demo' }, 'mode must be one of live, test'],
    ['half a day', { ...document, late_window_days: 0.5 }, 'late_window_days must be integer'],
    [
      'a start without offset',
      { ...document, starts_at: '2026-01-01' },
      'starts_at must be an RFC 3339 instant',
    ],
    [
      'an unknown scope',
      { ...document, key: { name: 'k', scopes: ['all'] } },
      'key/scopes must be a list of',
    ],
    ['a key that is no object', { ...document, key: 'k' }, 'key must be an object'],
  ])('is refused with one sentence: %s', (_, input, sentence) => {
    const read = readNewProgram(input);
    expect(read).toMatchObject({
      accepted: false,
      rejection: { sentences: [expect.stringContaining(sentence)] },
    });
  });
});
