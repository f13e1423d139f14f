import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Screen } from '../start/screen.js';
import { readArguments, USAGE, UsageError } from './arguments.js';
import { against } from './against/against.js';
import { machineFacts } from './measure/machine.js';
import { pipeline } from './pipeline/pipeline.js';
import { rules } from './rules/rules.js';
import type { Benchmark } from './benchmark.js';

/** Every benchmark by the name it is asked for with. */
const BENCHMARKS: ReadonlyMap<string, Benchmark> = new Map([
  ['pipeline', pipeline],
  ['against', against],
  ['rules', rules],
]);

async function main(): Promise<number> {
  const [name = '', ...rest] = process.argv.slice(2);
  const benchmark = BENCHMARKS.get(name);
  const given = readArguments(rest);
  const screen = new Screen();
  if (given.help) {
    screen.line(USAGE);
    return 0;
  }
  if (!benchmark)
    throw new UsageError(`There is no benchmark "${name}", only ${[...BENCHMARKS.keys()].join(', ')}.`);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));

  const startedAt = new Date().toISOString();
  const { figures, table, faults } = await benchmark(given, screen, interrupted.signal);
  const result = {
    benchmark: name,
    started_at: startedAt,
    ...machineFacts(),
    ...figures,
    faults: faults.length,
  };
  screen.lines(table);
  if (given.jsonFile !== undefined) {
    mkdirSync(dirname(given.jsonFile), { recursive: true });
    writeFileSync(given.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  }
  screen.lines([JSON.stringify(result)]);
  if (faults.length > 0) screen.lines(['NOT CORRECT', ...faults.map((fault) => `  ${fault}`)]);
  return faults.length === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof UsageError ? `${sentence}\n\n${USAGE}` : sentence}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
