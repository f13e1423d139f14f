import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LANES, purchaseCompleted, type EventEnvelope } from '@kizuna/contracts';
import { Database, provision } from '@kizuna/database';
import { memberKey } from '@kizuna/kernel';
import { createKafkaClient, laneOf, type OutgoingMessage } from '@kizuna/messaging';
import type { Stack } from '../../stack/index.js';
import type { PurchaseStream } from '../load/purchase-stream.js';
import { cpuPerUnit, isWhole, readCpu } from '../measure/processes.js';
import { NAIVE_TOPICS } from './topics.js';

const ROOMS = ['campaigns', 'points-ledger'] as const;
const PROGRAM_ID = 'bench';
const MESSAGES_A_SEND = 2_000;
const ASK_EVERY_MS = 100;
const TELL_EVERY_MS = 5_000;
const NO_PROGRESS_MS = 60_000;

export interface NaiveResult {
  readonly purchasesPerSecond: number;
  readonly cpuUsPerPurchase: number;
  readonly faults: readonly string[];
}

/**
 * Two rooms as most would write them, each a process, on databases and topics of their own on the same servers. They get
 * the first purchases of the same stream straight from the topic: that there is a front door costs them nothing. The time
 * runs from the first of them until the last is posted.
 */
export async function runNaive(
  { postgres, kafka }: Stack,
  stream: PurchaseStream,
  purchases: number,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<NaiveResult> {
  const client = createKafkaClient({
    brokers: kafka.brokers,
    clientId: 'kizuna-bench',
    log: () => undefined,
  });
  const admin = client.admin();
  const producer = client.producer();
  const children: ChildProcess[] = [];
  const databases: Database[] = [];
  try {
    await admin.createTopics(
      Object.values(NAIVE_TOPICS).map((topic) => ({ topic, partitions: LANES, settings: {} })),
    );
    const urls: string[] = [];
    for (const room of ROOMS) urls.push(await databaseOf(postgres.adminUrl, room));
    for (const url of urls) databases.push(await connect(url));
    children.push(...ROOMS.map((room, index) => startRoom(room, urls[index] ?? '', kafka.brokers)));
    await Promise.all(children.map((child) => once(child, 'message', { signal })));
    report(`naive handlers: ${purchases} purchases`);

    const { messages, points } = eventsOf(stream, purchases);
    const [, ledger] = databases;
    if (!ledger) throw new Error('the naive ledger has a database');
    const before = readCpu();
    const startedAt = performance.now();
    for (let from = 0; from < messages.length; from += MESSAGES_A_SEND)
      await producer.send(messages.slice(from, from + MESSAGES_A_SEND));
    await untilPosted(ledger, purchases, report, signal);
    const elapsed = performance.now() - startedAt;
    const cpu = cpuPerUnit(before, readCpu(), purchases);
    const purchasesPerSecond = (purchases * 1_000) / elapsed;
    report(`naive handlers: ${purchasesPerSecond.toFixed(0)} purchases/s`);
    return {
      purchasesPerSecond,
      cpuUsPerPurchase: [...cpu].filter(([name]) => isWhole(name)).reduce((sum, [, us]) => sum + us, 0),
      faults: await faultsOf(ledger, purchases, points),
    };
  } finally {
    await Promise.all(children.map(stopRoom));
    await Promise.allSettled([
      producer.stop(),
      admin.stop(),
      ...databases.map((database) => database.close()),
    ]);
  }
}

async function databaseOf(adminUrl: string, room: string): Promise<string> {
  const passwords = { ownerPassword: 'naive', runtimePassword: 'naive' };
  const database = `kizuna_naive_${room.replaceAll('-', '_')}`;
  return (await provision({ adminUrl, database, room: `naive-${room}`, ...passwords })).ownerUrl;
}

function connect(url: string): Promise<Database> {
  return Database.connect({ url, schema: 'public', applicationName: 'kizuna-bench', poolSize: 1 });
}

function startRoom(room: string, databaseUrl: string, brokers: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, `${room}.js`), [], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, KAFKA_BROKERS: brokers.join(',') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
}

async function stopRoom(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The purchases as the gateway puts them on the broker. */
function eventsOf(
  stream: PurchaseStream,
  count: number,
): { readonly messages: readonly OutgoingMessage[]; readonly points: number } {
  const occurredAt = new Date().toISOString();
  let total = 0;
  const messages = Array.from({ length: count }, (_, index): OutgoingMessage => {
    const { body, points } = stream.purchase(index, occurredAt);
    total += points;
    const memberId = body.member_id ?? '';
    const key = memberKey(PROGRAM_ID, memberId);
    const event: EventEnvelope = {
      specversion: '1.0',
      id: `purchase:${body.order_id}`,
      source: `/programs/${PROGRAM_ID}/api`,
      type: purchaseCompleted.type,
      time: occurredAt,
      subject: memberId,
      datacontenttype: 'application/json',
      program: PROGRAM_ID,
      receivedat: occurredAt,
      data: { program_id: PROGRAM_ID, ...body },
    };
    return { topic: NAIVE_TOPICS.purchases, partition: laneOf(key), key, value: JSON.stringify(event) };
  });
  return { messages, points: total };
}

async function untilPosted(
  ledger: Database,
  purchases: number,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let posted = -1;
  let movedAt = Date.now();
  let toldAt = Date.now();
  for (;;) {
    const [row] = await ledger.query<{ posted: number }>('SELECT count(*)::int AS posted FROM transfer');
    const now = row?.posted ?? 0;
    if (now >= purchases) return;
    if (now > posted) movedAt = Date.now();
    posted = Math.max(posted, now);
    if (Date.now() - movedAt > NO_PROGRESS_MS)
      throw new Error(`the naive handlers stand still at ${posted} postings`);
    if (Date.now() - toldAt > TELL_EVERY_MS) {
      report(`naive handlers: ${posted} of ${purchases} posted`);
      toldAt = Date.now();
    }
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

async function faultsOf(ledger: Database, purchases: number, points: number): Promise<string[]> {
  const [row] = await ledger.query<{ transfers: number; units: number }>(
    `SELECT (SELECT count(*) FROM transfer)::int AS transfers, (SELECT sum(available) FROM wallet)::int AS units`,
  );
  return row?.transfers === purchases && row.units === points
    ? []
    : [`naive handlers: ${row?.transfers} transfers and ${row?.units} units, not ${purchases} and ${points}`];
}
