import { json } from 'node:stream/consumers';
import { Database } from '@kizuna/database';
import { ConfigError, ConfigReader } from '@kizuna/service';
import { readNewProgram } from './new-program.js';
import { openProgram } from './open-program.js';

/**
 * `node dist/operator/create-program.js` with one JSON document on its input: makes a program with its first key, or one
 * more key for a program that is there. Prints one JSON document; the API key in it is shown this once.
 *
 * Exit codes: 0 done, 1 the program is there with other settings, or a failure, 2 bad input.
 */
const FAILED = 1;
const BAD_INPUT = 2;

function refuse(exitCode: number, sentences: readonly string[]): void {
  process.stderr.write(`${sentences.join('\n')}\n`);
  process.exitCode = exitCode;
}

async function run(): Promise<void> {
  const reader = new ConfigReader(process.env);
  const url = reader.url('DATABASE_URL', ['postgres:', 'postgresql:']);
  reader.done();

  const input = await json(process.stdin).catch(() => undefined);
  const program = readNewProgram(input);
  if (!program.accepted) return refuse(BAD_INPUT, program.rejection.sentences);

  const database = await Database.connect({
    url,
    schema: 'gateway',
    applicationName: 'kizuna-create-program',
    poolSize: 2,
  });
  try {
    const opened = await openProgram(database, program.value);
    if (!opened.accepted) return refuse(FAILED, [opened.rejection.sentence]);
    process.stdout.write(`${JSON.stringify(opened.value)}\n`);
  } finally {
    await database.close();
  }
}

await run().catch((error: unknown) => {
  refuse(error instanceof ConfigError ? BAD_INPUT : FAILED, [
    error instanceof Error ? error.message : String(error),
  ]);
});
