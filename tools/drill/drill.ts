import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocal, type LocalRun } from '../local/start-local.js';
import { startStack, type Stack } from '../stack/index.js';
import { settle } from '../start/settle.js';
import type { DrillArguments } from './arguments.js';
import { Chance } from './chance.js';
import { Faults } from './faults.js';
import { FrontDoors } from './front-doors.js';
import { clearGround, ownServersOnly } from '../local/ground.js';
import { openDrillProgram, type DrillProgram } from './ground.js';
import { History, readHistory } from './history.js';
import { checkInvariants } from './invariants.js';
import { sendLoad } from './load.js';
import { OffsetsWatch } from './offsets-watch.js';
import { Probes } from './probes.js';
import type { DrillOutcome } from './report.js';
import { sentCounts } from './sent.js';
import { endBackends, serviceBackends } from './storage/backends.js';
import { Databases } from './storage/databases.js';
import { lanePositions } from './storage/positions.js';
import { drillClient, readTopic } from './topic-reader.js';

const INSTANCES = 2;
/** Each number is drawn between these. */
const FAULT_EVERY_MS = [2_000, 8_000] as const;
/** Faults strike in rounds; after each the whole is left alone until it has recovered. */
const ROUND_MS = 90_000;
/** Often enough to read the books in the middle of everything. */
const BOOKS_EVERY_MS = 5_000;
const CONSUMED = [
  ['campaigns', 'purchase-events'],
  ['campaigns', 'engagement-events'],
  ['points-ledger', 'award-events'],
] as const;

interface DrillOptions {
  readonly given: DrillArguments;
  readonly directory: string;
  readonly root: string;
  report(line: string): void;
}

/** One drill from an empty directory to its findings. What it started is stopped by `stop`, whatever happened. */
export class Drill {
  private stack?: Stack;
  private local?: LocalRun;
  private databases?: Databases;
  private faults?: Faults;
  private isStopping = false;

  constructor(private readonly options: DrillOptions) {}

  async run(): Promise<DrillOutcome> {
    const { given, directory, root, report } = this.options;
    await clearGround(directory, 'drill', report);
    const environment = ownServersOnly(process.env);
    const stack = (this.stack = await startStack({ directory, environment, report }));
    const broker = stack.kafka.process;
    if (!broker) throw new Error('a drill needs a broker of its own');
    const local = (this.local = await startLocal({
      directory,
      stack,
      root,
      instances: INSTANCES,
      environments: { 'points-ledger': { BOOKS_INTERVAL_MS: String(BOOKS_EVERY_MS) } },
      report,
      ended: (instance, end) => this.faults?.onEnd(instance, end),
    }));
    const databases = (this.databases = new Databases(stack.postgres.adminUrl));
    const program = await openDrillProgram(local, given.seed);
    report(`program ${program.programId}: ${given.minutes} minutes begin`);
    const faults = (this.faults = new Faults({
      local,
      broker,
      seed: given.seed,
      endBackends: (chance) => endSome(databases, chance),
      report,
    }));
    const admin = drillClient(local.brokers).admin();
    const watch = new OffsetsWatch(
      admin,
      CONSUMED.map(([room, topic]) => ({
        group: local.topicName(room),
        topic,
        topicOnBroker: local.topicName(topic),
        positions: () => lanePositions(databases, room),
      })),
    );
    watch.start();
    const told = await this.strikeUnderLoad(program, faults);
    await watch.stop();
    const unsettled = await settle(local, report).catch((error: Error) => error.message);
    await watch.compare();
    await admin.stop();
    report('checking');
    const client = drillClient(local.brokers);
    const requests = [...program.rules, ...readHistory(told.history)];
    const findings = await checkInvariants({
      programId: program.programId,
      apiKey: program.apiKey,
      gatewayUrl: local.urls.gateway,
      requests,
      databases,
      watch,
      faults: faults.struck,
      topic: (name) => readTopic(client, local.topicName(name)),
    });
    return {
      ...findings,
      given,
      acknowledged: told.acknowledged,
      sent: sentCounts(requests),
      unknown: told.unknown,
      faults: faults.struck,
      restarts: local.restarts(),
      gracefulStops: faults.gracefulStops,
      ungraceful: faults.ungraceful,
      startedInVain: faults.startedInVain,
      unexpected: faults.unexpected,
      failures: [...told.failures, ...(unsettled ? [unsettled] : [])],
    };
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.faults?.thaw();
    await this.databases?.close().catch(() => undefined);
    await this.local?.stop();
    await this.stack?.stop();
  }

  private async strikeUnderLoad({ programId, apiKey }: DrillProgram, faults: Faults) {
    const { given, directory, report } = this.options;
    const history = new History(join(directory, 'history.ndjson'));
    const doors = new FrontDoors(this.local?.gatewayUrls ?? [], apiKey, history);
    const probes = new Probes(doors, programId);
    const endsAt = Date.now() + given.minutes * 60_000;
    const isOver = (): boolean => this.isStopping || Date.now() >= endsAt;
    let acknowledged = 0;
    const load = sendLoad(doors, {
      seed: given.seed,
      eventsPerSecond: given.eventsPerSecond,
      isOver,
      onAcknowledged: (events) => (acknowledged = events),
    });
    load.catch(() => undefined); // awaited below, after the faults
    const measured: Promise<void>[] = [];
    const pauses = new Chance(given.seed, 'pauses');
    let roundEndsAt = Date.now() + ROUND_MS;
    for (;;) {
      if (Date.now() > roundEndsAt) {
        await Promise.race([Promise.allSettled(measured), sleep(Math.max(0, endsAt - Date.now()))]);
        roundEndsAt = Date.now() + ROUND_MS;
      }
      const strikesAt = Date.now() + pauses.whole(...FAULT_EVERY_MS);
      if (strikesAt > endsAt) break;
      await sleep(strikesAt - Date.now());
      if (this.isStopping) break;
      const struck = await faults.strike();
      if (!struck) continue;
      const { number, startedAt } = struck.fault;
      const recovery = probes.measure(struck.fault).then(() => {
        const { recoveredAt } = struck.fault;
        if (recoveredAt) report(`fault ${number} recovered after ${(recoveredAt - startedAt) / 1_000} s`);
      });
      recovery.catch(() => undefined); // awaited below, after the load
      measured.push(recovery);
    }
    await sleep(Math.max(0, endsAt - Date.now()));
    report(`${acknowledged} events acknowledged; healing`);
    const settled = await Promise.allSettled([faults.allHealed(), load, ...measured]);
    const failed = settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    await this.local?.ready().catch((error: Error) => failed.push(error.message));
    history.close();
    const refused = [
      ...(await load.then(
        (result) => result.refused,
        () => [],
      )),
      ...probes.refused,
    ];
    if (refused.length > 0) failed.push(`${refused.length} requests refused, such as ${refused[0]}`);
    return { acknowledged, unknown: history.totals.unknown, failures: failed, history: history.path };
  }
}

async function endSome(databases: Databases, chance: Chance): Promise<number> {
  const pids = await serviceBackends(databases);
  const chosen = pids.filter(() => chance.happens(0.5));
  await endBackends(databases, chosen);
  return chosen.length;
}
