import { join, resolve } from 'node:path';
import { startLocal, type LocalRun } from '../local/start-local.js';
import { calculate, type ProgramFacts } from '../reconcile/calculation.js';
import { compare } from '../reconcile/compare.js';
import { readOrdersFile } from '../orders/orders-file.js';
import { startStack, type Stack } from '../stack/index.js';
import { readArguments, USAGE, UsageError, type StartArguments } from './arguments.js';
import { firstPurchase, proveFirstPurchase, type FirstPurchase } from './first-purchase.js';
import { killAtRandom } from './kills.js';
import { openProgram, type OpenedProgram } from './orders-program.js';
import { publicReads } from './public-reads.js';
import { linesReport, pointsReport, reconciliationReport, topMembers } from './report.js';
import { Screen } from './screen.js';
import { settle } from './settle.js';
import { streamOrders } from './stream-orders.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..');
const SAMPLE_ORDERS = join(REPOSITORY, 'tools', 'orders', 'sample-orders.csv');
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
  const ordersFile = given.ordersFile ?? SAMPLE_ORDERS;
  // A file that cannot be read is told before anything is started.
  readOrdersFile(ordersFile);
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
    const isReconciled = await tell(local, directory, ordersFile, given);
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

/** Streams the orders, waits, reports, reconciles. @returns whether it reconciles */
async function tell(
  local: LocalRun,
  directory: string,
  ordersFile: string,
  given: StartArguments,
): Promise<boolean> {
  const report = (line: string): void => screen.step(line);
  const opened = await openProgram(local, directory, ordersFile);
  const { kept, client, orders, rules } = opened;
  const { program_id, currency } = kept.program;
  screen.step(`program ${program_id}: ${orders.requests.length} purchases and refunds to send`);

  const { killEverySeconds: everySeconds, seed } = given;
  const endKills = everySeconds ? killAtRandom(local, { everySeconds, seed }, report) : undefined;
  const stream = await streamOrders(client, orders.requests, {
    pace: given.pace,
    onProgress: (done) => screen.progress('acknowledged', done, orders.requests.length),
  });
  if (endKills) {
    screen.step(`${endKills()} kills, ${local.restarts()} restarts`);
    await local.ready();
  }
  const first = firstPurchase(client, currency, new Date());
  const proof = given.once ? await proveFirstPurchase(client, first) : undefined;
  await settle(local, report);

  const { body: settings } = await client.request('GET', '/v1/program');
  const journal = [...rules, ...stream.journal, ...(proof ? [proof.sent] : [])];
  const now = new Date().toISOString();
  const calculation = calculate(settings as ProgramFacts, journal, { now });
  const comparison = await compare(calculation, publicReads(client));
  const balances = new Map(
    [...calculation.members].map(([member, wallets]) => [member, wallets.get('points')?.available ?? 0]),
  );
  screen.lines(linesReport(orders.lines));
  screen.lines(pointsReport(calculation));
  screen.lines(topMembers(balances));
  if (stream.refused.length > 0) screen.lines(['Refused at the front door', ...stream.refused.slice(0, 20)]);
  screen.lines(reconciliationReport(comparison));
  const isReconciled = comparison.differences.length === 0 && stream.refused.length === 0;
  showDoors(local, opened, first);
  if (proof)
    screen.lines([
      `It was sent just now and answered ${proof.answer}`,
      `then ${JSON.stringify(proof.balance)}`,
    ]);
  return isReconciled;
}

function showDoors({ urls }: LocalRun, { kept }: OpenedProgram, first: FirstPurchase): void {
  screen.lines([
    `Front door ${urls.gateway}, program ${kept.program.program_id}. A first own purchase:`,
    '',
    first.purchaseCommand,
    '',
    'answers {"event_id":…,"status_url":…}; a moment later its 74 points are there:',
    '',
    first.balanceCommand,
  ]);
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
