import { parseArgs } from 'node:util';
import type { NewProgram } from '../local/programs.js';
import { CREATE_HELP, UsageError } from './usage.js';

export interface CreateArguments {
  readonly program: NewProgram;
  readonly directory: string | undefined;
  readonly isJson: boolean;
}

const REQUIRED = ['id', 'name', 'currency', 'time-zone'] as const;

/** Only the shape is judged here: what a program may be is known to the gateway. @returns 'help' when that is wanted */
export function readCreateArguments(argv: readonly string[]): CreateArguments | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  if (positionals.length > 0) throw refused(`"${positionals.join(' ')}" belongs to no option.`);
  const missing = REQUIRED.filter((name) => !values[name]).map((name) => `--${name}`);
  if (missing.length > 0)
    throw refused(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`);
  const { id = '', name = '', currency = '', mode = 'live', directory } = values;
  if (mode !== 'live' && mode !== 'test') throw refused(`--mode is live or test, not "${mode}".`);
  const startsAt = values['starts-at'];
  const clockAt = values['clock-at'];
  const scopes = values.scopes?.split(',').map((scope) => scope.trim());
  const lateWindow = wholeNumber('--late-window-days', values['late-window-days']);
  return {
    directory,
    isJson: values.json,
    program: {
      program_id: id,
      name,
      mode,
      time_zone: values['time-zone'] ?? '',
      currency,
      ...(startsAt === undefined ? {} : { starts_at: startsAt }),
      ...(clockAt === undefined ? {} : { clock_at: clockAt }),
      ...(lateWindow === undefined ? {} : { late_window_days: lateWindow }),
      ...(scopes === undefined ? {} : { key: { name: 'operator', scopes } }),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        id: { type: 'string' },
        name: { type: 'string' },
        currency: { type: 'string' },
        'time-zone': { type: 'string' },
        mode: { type: 'string' },
        'starts-at': { type: 'string' },
        'clock-at': { type: 'string' },
        'late-window-days': { type: 'string' },
        scopes: { type: 'string' },
        directory: { type: 'string' },
      },
    });
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw refused(`${option} is a whole number, not "${text}".`);
  return Number(text);
}

const refused = (sentence: string): UsageError => new UsageError(sentence, CREATE_HELP);
