import { join, resolve } from 'node:path';
import { startLocal, type LocalRun } from '../local/start-local.js';
import { readOrdersFile } from '../orders/orders-file.js';
import { startStack, type Stack } from '../stack/index.js';
import { readArguments, USAGE, UsageError } from './arguments.js';
import { Screen } from './screen.js';
import { tellDemo } from './tell-demo.js';
import { tellOrders } from './tell-orders.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..');
const screen = new Screen();

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  if (given.help) {
    screen.line(USAGE);
    return 0;
  }
  const { installation } = given;
  const own = installation === undefined ? ['.data'] : ['.data', 'installations', installation];
  const directory = resolve(given.directory ?? join(REPOSITORY, ...own));
  const interrupted = untilInterrupted();
  const report = (line: string): void => screen.step(line);
  const { ordersFile } = given;
  // A file that cannot be read is told before anything is started.
  if (ordersFile !== undefined) readOrdersFile(ordersFile);
  const running: { stack?: Stack; local?: Promise<LocalRun> } = {};
  const story = async (): Promise<number> => {
    running.stack = await startStack({ directory, report });
    running.local = startLocal({
      directory,
      stack: running.stack,
      root: resolve(given.root ?? REPOSITORY),
      ...(installation === undefined ? {} : namesOf(installation)),
      report,
    });
    const local = await running.local;
    screen.step('gateway, campaigns and points-ledger are ready');
    const isReconciled =
      ordersFile === undefined
        ? await tellDemo(local, directory, given, screen)
        : await tellOrders(local, directory, ordersFile, given, screen);
    if (!given.once) await interrupted;
    return isReconciled ? 0 : 1;
  };
  try {
    // Whoever wanted one run has not got it when it was interrupted.
    return await Promise.race([story(), interrupted.then(() => (given.once ? 1 : 0))]);
  } finally {
    screen.step('stopping');
    // Interrupted while they were starting: what was started is stopped all the same.
    await running.local?.then(
      (local) => local.stop(),
      () => undefined,
    );
    await running.stack?.stop();
    screen.step('stopped');
  }
}

const namesOf = (installation: string) => ({
  topicPrefix: installation,
  databaseSuffix: `_${installation.replaceAll('-', '_')}`,
});

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

try {
  process.exit(await main());
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof UsageError ? `${sentence}\n\n${USAGE}` : sentence}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
