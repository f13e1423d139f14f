import type { LocalRun } from '../local/start-local.js';
import { calculate, type ProgramFacts } from '../reconcile/calculation.js';
import { compare } from '../reconcile/compare.js';
import type { StartArguments } from './arguments.js';
import { firstPurchase, proveFirstPurchase } from './first-purchase.js';
import { withKills } from './kills.js';
import { openProgram } from './orders-program.js';
import { publicReads } from './public-reads.js';
import {
  firstPurchaseReport,
  linesReport,
  pointsReport,
  reconciliationReport,
  topMembers,
} from './report.js';
import type { Screen } from './screen.js';
import { settle } from './settle.js';
import { streamOrders } from './stream-orders.js';

/** Streams an orders file, waits, reports, reconciles. @returns whether it reconciles */
export async function tellOrders(
  local: LocalRun,
  directory: string,
  ordersFile: string,
  given: StartArguments,
  screen: Screen,
): Promise<boolean> {
  const report = (line: string): void => screen.step(line);
  const { kept, client, orders, rules } = await openProgram(local, directory, ordersFile);
  const { program_id, currency } = kept.program;
  report(`program ${program_id}: ${orders.requests.length} purchases and refunds to send`);

  const stream = await withKills(local, given, report, () =>
    streamOrders(client, orders.requests, {
      pace: given.pace,
      onProgress: (done) => screen.progress('acknowledged', done, orders.requests.length),
    }),
  );
  const first = firstPurchase(client, currency, new Date());
  const proof = given.once ? await proveFirstPurchase(client, first) : undefined;
  await settle(local, report);

  const { body: settings } = await client.request('GET', '/v1/program');
  const journal = [...rules, ...stream.journal, ...(proof ? [proof.sent] : [])];
  const calculation = calculate(settings as ProgramFacts, journal, { now: new Date().toISOString() });
  const comparison = await compare(calculation, publicReads(client));
  const balances = new Map(
    [...calculation.members].map(([member, wallets]) => [member, wallets.get('points')?.available ?? 0]),
  );
  screen.lines(linesReport(orders.lines));
  screen.lines(pointsReport(calculation));
  screen.lines(topMembers(balances));
  const refused = stream.refused.map(({ sentence }) => sentence);
  if (refused.length > 0) screen.lines(['Refused at the front door', ...refused.slice(0, 20)]);
  screen.lines(reconciliationReport(comparison));
  screen.lines(firstPurchaseReport(local.urls.gateway, program_id, first, proof));
  return comparison.differences.length === 0 && refused.length === 0;
}
