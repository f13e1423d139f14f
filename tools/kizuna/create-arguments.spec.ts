import { readCreateArguments } from './create-arguments.js';
import { UsageError } from './usage.js';

const given = ['--id', 'shop', '--name', 'Shop', '--currency', 'JPY', '--time-zone', 'Asia/Tokyo'];

describe('the arguments of programs create', () => {
  it('are the document of a live program', () => {
    expect(readCreateArguments(given)).toEqual({
      directory: undefined,
      isJson: false,
      program: {
        program_id: 'shop',
        name: 'Shop',
        mode: 'live',
        currency: 'JPY',
        time_zone: 'Asia/Tokyo',
      },
    });
  });

  it('name a mode, a start and a late window where the defaults will not do', () => {
    const more = ['--mode', 'test', '--starts-at', '2026-01-01T00:00:00Z', '--late-window-days', '0'];
    const clock = ['--clock-at', '2027-04-01T00:00:00Z'];
    expect(readCreateArguments([...given, ...more, ...clock])).toMatchObject({
      program: { mode: 'test', clock_at: '2027-04-01T00:00:00Z' },
    });
    expect(readCreateArguments([...given, ...more, '--json'])).toMatchObject({
      isJson: true,
      program: { mode: 'test', starts_at: '2026-01-01T00:00:00Z', late_window_days: 0 },
    });
  });

  it('name what the key may do', () => {
    expect(readCreateArguments([...given, '--scopes', 'events:write, purchases:read'])).toMatchObject({
      program: { key: { name: 'operator', scopes: ['events:write', 'purchases:read'] } },
    });
  });

  it('may ask for help only', () => {
    expect(readCreateArguments(['--help'])).toBe('help');
  });

  it.each<[string, readonly string[], string]>([
    ['something is missing', ['--id', 'shop'], '--name, --currency, --time-zone are missing.'],
    ['an unknown mode', [...given, '--mode', 'demo'], '--mode is live or test, not "demo".'],
    [
      'half a day',
      [...given, '--late-window-days', '0.5'],
      '--late-window-days is a whole number, not "0.5".',
    ],
    ['an unknown option', [...given, '--tier', '1'], "Unknown option '--tier'"],
    ['a stray word', [...given, 'now'], '"now" belongs to no option.'],
  ])('are refused with a sentence: %s', (_, argv, sentence) => {
    expect(() => readCreateArguments(argv)).toThrow(UsageError);
    expect(() => readCreateArguments(argv)).toThrow(sentence);
  });
});
