import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const face = join(root, 'tools', 'dist', 'stack', 'index.js');

/** One PostgreSQL and one Kafka for the whole run, in a directory of its own; specs get databases and topics. */
export default async function setUp() {
  if (!existsSync(face)) throw new Error('The tools are not built: run the tests with "npm test".');
  const { removeStack, startStack } = await import(pathToFileURL(face).href);
  await removeLeftBehind(removeStack);

  const directory = join(root, '.data', `test-${process.pid}`);
  const stack = await startStack({ directory, report: (line) => process.stderr.write(`${line}\n`) });
  process.env.KIZUNA_TEST_POSTGRES_URL = stack.postgres.adminUrl;
  process.env.KIZUNA_TEST_KAFKA_BROKERS = stack.kafka.brokers.join(',');
  // Read by global-teardown.mjs, which jest runs in this same process.
  globalThis.kizunaTestStack = { stack, discard: () => removeStack(directory) };
}

/** A run that was killed could clean up nothing: its servers are stopped and its data deleted here. */
async function removeLeftBehind(removeStack) {
  const data = join(root, '.data');
  for (const name of existsSync(data) ? readdirSync(data) : []) {
    const pid = /^test-(\d+)(-[a-z]+)?$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another run may be removing the same one.
    await removeStack(join(data, name)).catch((error) => process.stderr.write(`${error.message}\n`));
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
