import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { table } from './operate-tables.js';
import type { OperatorCommand } from './operate.js';
import { KEYS_HELP, UsageError } from './usage.js';

interface Key {
  readonly key_id: string;
  readonly name: string;
  readonly state: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
  readonly scopes: readonly string[];
}

/** The commands about the keys of a program. @throws UsageError */
export function readKeysCommand(argv: readonly string[]): OperatorCommand {
  const { values, positionals } = parse(argv);
  const { help, json, directory } = values;
  const [verb, ...more] = positionals;
  const run: OperatorCommand['run'] =
    help || verb === undefined
      ? async () => ({ answer: {}, text: KEYS_HELP })
      : more.length > 0
        ? refused(`"${more.join(' ')}" belongs to no option.`)
        : commandFor(verb, values);
  return { isHelp: help || verb === undefined, isJson: json, directory, run };
}

type Values = ReturnType<typeof parse>['values'];

function commandFor(verb: string, { program, id, limit, cursor }: Values): OperatorCommand['run'] {
  if (verb !== 'list' && verb !== 'revoke') return refused(`There is no command "keys ${verb}".`);
  if (!program) return refused('--program is missing.');
  const path = `/internal/programs/${encodeURIComponent(program)}/keys`;
  if (verb === 'list')
    return async (client) => {
      const query = new URLSearchParams({ ...(limit ? { limit } : {}), ...(cursor ? { cursor } : {}) });
      const answer = await client.ask('gateway', 'GET', `${path}?${query.toString()}`);
      return { answer, text: keysTable(answer as { items: readonly Key[]; next_cursor: string | null }) };
    };
  if (!id) return refused('--id is missing.');
  return async (client) => {
    const body = { actor: userInfo().username };
    const answer = await client.ask('gateway', 'POST', `${path}/${encodeURIComponent(id)}/revoke`, body);
    return { answer, text: `Key ${id} of ${program} opens nothing any more.\n` };
  };
}

function keysTable({
  items,
  next_cursor,
}: {
  readonly items: readonly Key[];
  readonly next_cursor: string | null;
}): string {
  if (items.length === 0) return 'The program has no keys.\n';
  const rows = items.map((key) => [
    key.key_id,
    key.state,
    key.created_at,
    key.created_by,
    key.expires_at ?? 'never',
    key.name,
    key.scopes.join(','),
  ]);
  const more = next_cursor === null ? '' : `More with --cursor ${next_cursor}\n`;
  return table(['id', 'state', 'made at', 'made by', 'expires', 'name', 'scopes'], rows) + more;
}

function refused(sentence: string): never {
  throw new UsageError(sentence, KEYS_HELP);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        directory: { type: 'string' },
        program: { type: 'string' },
        id: { type: 'string' },
        limit: { type: 'string' },
        cursor: { type: 'string' },
      },
    });
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}
