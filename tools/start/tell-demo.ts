import type { LocalRun } from '../local/start-local.js';
import type { StartArguments } from './arguments.js';
import { openLiveProgram, reconcileLive, sendStream, type LiveProgram } from './demo/live-stream.js';
import { playScene } from './demo/play-scene.js';
import { firstPurchase, proveFirstPurchase } from './first-purchase.js';
import { withKills } from './kills.js';
import { firstPurchaseReport, memberTable, pointsReport, reconciliationReport } from './report.js';
import type { Screen } from './screen.js';

/** Plays the scene on a test clock, then the stream on the live program. @returns whether both are as they must be */
export async function tellDemo(
  local: LocalRun,
  directory: string,
  given: StartArguments,
  screen: Screen,
): Promise<boolean> {
  const isPlayed = await tellScene(local, screen);
  const live = await openLiveProgram(local, directory);
  const isReconciled = await tellStream(local, live, given, screen);
  return isPlayed && isReconciled;
}

async function tellScene(local: LocalRun, screen: Screen): Promise<boolean> {
  screen.lines(['A year of Komorebi Tea こもれび茶舗, on its test clock (times of Tokyo)', '']);
  const scene = await playScene(local, ({ at, told, shown }) =>
    screen.line(`  ${at.slice(0, 16).replace('T', ' ')}  ${told.padEnd(48)}  ${shown}`),
  );
  screen.lines(scene.explained);
  for (const surprise of scene.surprises) screen.line(`NOT AS IN THE SCENE: ${surprise}`);
  screen.lines(reconciliationReport(scene.comparison, scene.programId));
  return scene.surprises.length === 0 && scene.comparison.differences.length === 0;
}

async function tellStream(
  local: LocalRun,
  live: LiveProgram,
  given: StartArguments,
  screen: Screen,
): Promise<boolean> {
  const report = (line: string): void => screen.step(line);
  const { program_id, currency } = live.kept.program;
  screen.line();
  report(`program ${program_id}: a stream of 2,000 orders on the system clock`);
  const stream = await withKills(local, given, report, () =>
    sendStream(live, {
      pace: given.pace,
      onProgress: (done, total) => screen.progress('answered', done, total),
    }),
  );
  report(`${stream.broken} broken events were refused at the front door`);
  const first = firstPurchase(live.client, currency, new Date());
  const proof = given.once ? await proveFirstPurchase(live.client, first) : undefined;
  const sent = [...stream.journal, ...(proof ? [proof.sent] : [])];
  const { calculation, comparison } = await reconcileLive(local, live, sent, report);
  screen.lines(pointsReport(calculation));
  screen.lines(memberTable(calculation));
  for (const surprise of stream.surprises) screen.line(`NOT AS EXPECTED: ${surprise}`);
  screen.lines(reconciliationReport(comparison, program_id));
  screen.lines(firstPurchaseReport(local.urls.gateway, program_id, first, proof));
  return comparison.differences.length === 0 && stream.surprises.length === 0;
}
