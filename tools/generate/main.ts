import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as exported from '@kizuna/contracts';
import { toolsFolder } from '../stack/context.js';
import { contractsOf } from './contracts.js';
import { eventsDocument } from './events-document.js';
import { httpDocument } from './http/http-document.js';
import { ruleContextDocument } from './rule-context-document.js';
import { schemaDocument } from './schema-document.js';

const REPOSITORY = dirname(toolsFolder());
const SCHEMAS = join('libs', 'contracts', 'schemas');
const EVENTS = join('docs', 'generated', 'events.md');
const HTTP = join('docs', 'generated', 'http.md');
const RULE_CONTEXT = join('docs', 'generated', 'rule-context.md');

/** Every generated file by its path in the repository. */
async function documents(): Promise<ReadonlyMap<string, string>> {
  const contracts = contractsOf(exported);
  return new Map([
    ...contracts.map((contract): [string, string] => [
      join(SCHEMAS, `${contract.type}.json`),
      schemaDocument(contract),
    ]),
    [EVENTS, eventsDocument(contracts)],
    [HTTP, await httpDocument(REPOSITORY)],
    [RULE_CONTEXT, ruleContextDocument()],
  ]);
}

/** Schemas of events that are no longer there. */
function leftOver(wanted: ReadonlyMap<string, string>): string[] {
  const folder = join(REPOSITORY, SCHEMAS);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.map((name) => join(SCHEMAS, name)).filter((path) => !wanted.has(path));
}

function read(path: string): string | undefined {
  const file = join(REPOSITORY, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function write(path: string, text: string): void {
  const file = join(REPOSITORY, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const isCheck = argv[0] === '--check';
  if (argv.length > (isCheck ? 1 : 0)) {
    process.stderr.write(`npm run generate [-- --check]: "${argv.join(' ')}" is not understood.\n`);
    return 2;
  }
  const wanted = await documents();
  const changed = [...wanted].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  const extra = leftOver(wanted);
  if (isCheck) {
    for (const path of changed) say(`${path} is not what the sources say`);
    for (const path of extra) say(`${path} belongs to no event`);
    const isCurrent = changed.length + extra.length === 0;
    say(isCurrent ? `${wanted.size} generated files are current` : 'run "npm run generate"');
    return isCurrent ? 0 : 1;
  }
  for (const path of changed) write(path, wanted.get(path) ?? '');
  for (const path of extra) rmSync(join(REPOSITORY, path));
  say(`${wanted.size} generated files, ${changed.length} written, ${extra.length} removed`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
