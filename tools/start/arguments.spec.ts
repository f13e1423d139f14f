import { join, resolve } from 'node:path';
import { readArguments, USAGE, UsageError, type StartArguments } from './arguments.js';

const SAMPLE = join(import.meta.dirname, '..', 'orders', 'sample-orders.csv');

const NOTHING: StartArguments = {
  help: false,
  once: false,
  ordersFile: undefined,
  directory: undefined,
  installation: undefined,
  root: undefined,
  killEverySeconds: undefined,
  seed: 1,
  pace: undefined,
};

describe('the arguments of npm start', () => {
  it.each<[string, readonly string[], Partial<StartArguments>]>([
    ['none', [], {}],
    ['help', ['--help'], { help: true }],
    ['one run', ['--once'], { once: true }],
    ['an orders file', ['--orders', SAMPLE], { ordersFile: resolve(SAMPLE) }],
    ['a directory', ['--directory', 'elsewhere'], { directory: 'elsewhere' }],
    ['an installation', ['--installation', 'second-one'], { installation: 'second-one' }],
    ['a copy of the build', ['--build', '/copy'], { root: '/copy' }],
    ['kills', ['--kill-every', '2.5', '--seed', '7'], { killEverySeconds: 2.5, seed: 7 }],
    ['a pace', ['--pace', '20'], { pace: 20 }],
  ])('may be %s', (_, argv, wanted) => {
    expect(readArguments(argv)).toEqual({ ...NOTHING, ...wanted });
  });

  it.each<[string, readonly string[], string]>([
    ['a missing file', ['--orders', 'no-such.csv'], 'There is no file no-such.csv.'],
    ['no number', ['--pace', 'fast'], '--pace wants a number above 0, not "fast".'],
    ['zero', ['--kill-every', '0'], '--kill-every wants a number above 0, not "0".'],
    ['a negative seed', ['--seed=-1'], '--seed wants a number above 0, not "-1".'],
    ['a name that no topic can have', ['--installation', 'A_b'], 'not "A_b".'],
    ['an unknown option', ['--twice'], "Unknown option '--twice'"],
    ['a stray word', ['once'], "Unexpected argument 'once'"],
  ])('are refused with a sentence: %s', (_, argv, sentence) => {
    expect(() => readArguments(argv)).toThrow(UsageError);
    expect(() => readArguments(argv)).toThrow(sentence);
  });

  it('are all in the help', () => {
    const options = [
      'orders',
      'once',
      'kill-every',
      'seed',
      'pace',
      'directory',
      'installation',
      'build',
      'help',
    ];
    for (const option of options) expect(USAGE).toContain(`--${option} `);
  });
});
