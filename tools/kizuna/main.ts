import { dirname, join, resolve } from 'node:path';
import { createProgram, ProgramRefused, type CreatedProgram } from '../local/programs.js';
import { toolsFolder } from '../stack/context.js';
import { readCreateArguments } from './create-arguments.js';
import { gatewayDatabaseUrl } from './installation.js';
import { readKeysCommand } from './keys.js';
import { readOperatorCommand } from './operate.js';
import { OperatorClient } from './operator-client.js';
import { COMMANDS_HELP, CREATE_HELP, KEYS_HELP, OPERATE_HELP, UsageError } from './usage.js';

const REPOSITORY = dirname(toolsFolder());
const HELP_WORDS = ['--help', 'help', undefined];

const OPERATOR_GROUPS = ['keys', 'lag', 'positions', 'topics', 'parked', 'books'];

const say = (text: string): void => void process.stdout.write(text);

async function main(argv: readonly string[]): Promise<void> {
  const [group, command, ...rest] = argv;
  if (HELP_WORDS.includes(group)) return say(COMMANDS_HELP);
  if (group !== undefined && OPERATOR_GROUPS.includes(group)) return operate(group, argv.slice(1));
  if (group !== 'programs') throw new UsageError(`There is no command "${group}".`, COMMANDS_HELP);
  if (HELP_WORDS.includes(command)) return say(CREATE_HELP);
  if (command !== 'create') throw new UsageError(`There is no command "programs ${command}".`, COMMANDS_HELP);
  await create(rest);
}

async function operate(group: string, argv: readonly string[]): Promise<void> {
  const isAboutKeys = group === 'keys';
  const command = isAboutKeys ? readKeysCommand(argv) : readOperatorCommand(group, argv);
  if (command.isHelp) return say(isAboutKeys ? KEYS_HELP : OPERATE_HELP);
  const directory = resolve(command.directory ?? join(REPOSITORY, '.data'));
  const { answer, text } = await command.run(OperatorClient.of(directory, process.env));
  say(command.isJson ? `${JSON.stringify(answer)}\n` : text);
  const { stopped_at } = answer as { stopped_at?: unknown };
  if (stopped_at) process.exitCode = 1;
}

async function create(argv: readonly string[]): Promise<void> {
  const given = readCreateArguments(argv);
  if (given === 'help') return say(CREATE_HELP);
  const directory = resolve(given.directory ?? join(REPOSITORY, '.data'));
  const created = await createProgram(REPOSITORY, gatewayDatabaseUrl(directory, process.env), given.program);
  say(given.isJson ? `${JSON.stringify(created)}\n` : told(created));
}

function told({ program_id, created, api_key, key_id }: CreatedProgram): string {
  const what = created
    ? `Program ${program_id} is made.`
    : `Program ${program_id} was there already, with these settings.`;
  return `${what}\nKey ${key_id}, shown this once:\n${api_key}\n`;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof UsageError ? `${sentence}\n\n${error.help}` : `${sentence}\n`}`);
  process.exitCode = error instanceof UsageError ? 2 : error instanceof ProgramRefused ? error.exitCode : 1;
}
