import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { ROOMS, type RoomName } from '../local/rooms.js';
import {
  booksText,
  lagTable,
  parkedTable,
  positionsTable,
  topicsTable,
  type Books,
  type Lag,
  type Parked,
  type Positions,
} from './operate-tables.js';
import type { OperatorClient } from './operator-client.js';
import { OPERATE_HELP, UsageError } from './usage.js';

const OPTIONS = {
  help: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  directory: { type: 'string' },
  room: { type: 'string' },
  topic: { type: 'string' },
  key: { type: 'string' },
  id: { type: 'string' },
  state: { type: 'string' },
  reason: { type: 'string' },
  file: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

export interface OperatorCommand {
  readonly isHelp: boolean;
  readonly isJson: boolean;
  readonly directory: string | undefined;
  run(client: OperatorClient): Promise<{ readonly answer: unknown; readonly text: string }>;
}

/** The commands of those who run an installation. @throws UsageError */
export function readOperatorCommand(group: string, argv: readonly string[]): OperatorCommand {
  const { values, positionals } = parse(argv);
  const run = values.help
    ? async () => ({ answer: {}, text: OPERATE_HELP })
    : commandFor(group, positionals, values);
  return { isHelp: values.help, isJson: values.json, directory: values.directory, run };
}

function commandFor(group: string, positionals: readonly string[], values: Values): OperatorCommand['run'] {
  const [verb, ...more] = positionals;
  if (more.length > 0 || (group !== 'parked' && verb !== undefined))
    throw new UsageError(`"${positionals.join(' ')}" belongs to no option.`, OPERATE_HELP);
  if (group === 'lag') return everyRoom<Lag>(values, '/internal/lag', lagTable);
  if (group === 'topics') return everyRoom<Lag>(values, '/internal/lag', topicsTable);
  if (group === 'positions') return everyRoom<Positions>(values, '/internal/progress', positionsTable);
  if (group === 'books') return books(values);
  if (verb === 'list') return everyRoom<{ items: Parked[] }>(values, listPath(values), parkedTable);
  const command = PARKED[verb ?? ''];
  if (!command) throw new UsageError(`There is no command "parked ${verb ?? ''}".`, OPERATE_HELP);
  return command(values);
}

const PARKED: Readonly<Record<string, (values: Values) => OperatorCommand['run']>> = {
  show: (values) => one(values, 'GET', `/internal/parked/${idOf(values)}`),
  replay: (values) => {
    const topic = wanted(values, 'topic');
    return one(values, 'POST', '/internal/parked/replay', {
      topic,
      key: wanted(values, 'key'),
      actor: actor(),
    });
  },
  discard: (values) => {
    const reason = wanted(values, 'reason');
    return one(values, 'POST', `/internal/parked/${idOf(values)}/discard`, { reason, actor: actor() });
  },
  resubmit: (values) => {
    const body = { event: eventOf(wanted(values, 'file')), reason: wanted(values, 'reason'), actor: actor() };
    return one(values, 'POST', `/internal/parked/${idOf(values)}/resubmit`, body);
  },
};

const listPath = ({ state, topic, key, limit, cursor }: Values): string =>
  `/internal/parked?${parameters({ state, topic, key, limit, cursor })}`;

function parameters(given: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return new URLSearchParams(present as [string, string][]).toString();
}

/** Asks the room that was named, or all of them. */
function everyRoom<Answer>(
  { room }: Values,
  path: string,
  table: (answers: ReadonlyMap<RoomName, Answer>) => string,
): OperatorCommand['run'] {
  const rooms = room === undefined ? ROOMS : [roomOf(room)];
  return async (client) => {
    const answers = await Promise.all(
      rooms.map(async (name) => [name, await client.ask(name, 'GET', path)] as const),
    );
    return { answer: Object.fromEntries(answers), text: table(new Map(answers) as Map<RoomName, Answer>) };
  };
}

/** Of the one room that keeps books. */
function books({ state, limit, cursor }: Values): OperatorCommand['run'] {
  const path = `/internal/books?${parameters({ state, limit, cursor })}`;
  return async (client) => {
    const answer = (await client.ask('points-ledger', 'GET', path)) as Books;
    return { answer, text: booksText(answer) };
  };
}

function one(values: Values, method: 'GET' | 'POST', path: string, body?: unknown): OperatorCommand['run'] {
  const room = roomOf(wanted(values, 'room'));
  return async (client) => {
    const answer = await client.ask(room, method, path, body);
    return { answer, text: `${JSON.stringify(answer, null, 2)}\n` };
  };
}

function roomOf(text: string): RoomName {
  const room = ROOMS.find((name) => name === text);
  if (!room) throw new UsageError(`--room is one of ${ROOMS.join(', ')}, not "${text}".`, OPERATE_HELP);
  return room;
}

function wanted(values: Values, name: 'room' | 'topic' | 'key' | 'reason' | 'file'): string {
  const value = values[name];
  if (!value) throw new UsageError(`--${name} is missing.`, OPERATE_HELP);
  return value;
}

function idOf({ id }: Values): string {
  if (!/^\d{1,18}$/.test(id ?? ''))
    throw new UsageError('--id wants the number of a parked event.', OPERATE_HELP);
  return String(id);
}

function eventOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${file} is no JSON document: ${error instanceof Error ? error.message : ''}`,
      OPERATE_HELP,
    );
  }
}

/** Kept with what was done. */
const actor = (): string => userInfo().username;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), OPERATE_HELP);
  }
}
