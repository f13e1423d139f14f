import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Database } from '@kizuna/database';
import { formatInstant, guestKey, instant, memberKey } from '@kizuna/kernel';
import { createKafkaClient, laneOf, type OutgoingMessage } from '@kizuna/messaging';
import { pointsOf, purchaseOf } from '../bench/load/purchase.js';
import { clearGround, ownServersOnly } from '../local/ground.js';
import { createProgram } from '../local/programs.js';
import { ROOMS, type RoomName } from '../local/rooms.js';
import { startLocal, type LocalRun } from '../local/start-local.js';
import { startStack, type Stack } from '../stack/index.js';
import { toolsFolder } from '../stack/context.js';
import { ProgramClient } from '../start/program-client.js';
import { settle } from '../start/settle.js';
import { heapOf, isFlat, quarters } from './heap.js';

const REPOSITORY = dirname(toolsFolder());
const PROGRAM = 'backlog';
const MEMBERS = 50_000;
const PER_SEND = 2_000;
const SAMPLE_EVERY_MS = 2_000;

const USAGE = `npm run drill:backlog -- [--events N] [--directory DIR]

Queues N events (1,000,000) while the rooms are off, starts the rooms and measures how they drain them: the rate, the heap of
each service by quarters of the time, and whether every event gave its points once. A heap is flat when its last quarter is at
most twice the first and 64 MiB.

  --directory DIR   data of its own, made anew (.data/backlog); one that it did not make is refused

Exit codes: 0 each once and flat, 1 otherwise or a failure.`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The rooms are off while events queue up, then on: they drain them, each once, and their heaps stay flat. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1000000' },
      directory: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const events = Number(values.events);
  if (!Number.isInteger(events) || events < 1)
    throw new Error(`--events wants a whole number, not "${values.events}"`);
  const directory = resolve(values.directory ?? join(REPOSITORY, '.data', 'backlog'));
  await clearGround(directory, 'backlog', say);
  const stack = await startStack({ directory, environment: ownServersOnly(process.env), report: say });
  try {
    await openProgram(directory, stack);
    const expected = await queue(stack, events);
    return await drain(directory, stack, events, expected);
  } finally {
    await stack.stop();
  }
}

const local = (directory: string, stack: Stack): Promise<LocalRun> =>
  startLocal({ directory, stack, root: REPOSITORY, report: say });

async function openProgram(directory: string, stack: Stack): Promise<void> {
  const run = await local(directory, stack);
  const startsAt = new Date(Date.now() - 86_400_000).toISOString();
  const { api_key } = await createProgram(run.root, run.gatewayDatabaseUrl, {
    program_id: PROGRAM,
    name: 'Backlog',
    mode: 'live',
    time_zone: 'Asia/Tokyo',
    currency: 'JPY',
    starts_at: startsAt,
  });
  const client = new ProgramClient(run.urls.gateway, api_key);
  const rule = {
    code: 'BASE',
    label: '1 point per ¥100',
    trigger: 'purchase',
    wallet: 'points',
    priority: 0,
    line_filter: {},
    reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    valid_from: startsAt,
  };
  // The client repeats what is answered with 503 while the settings are on their way.
  const { status, body } = await client.request('POST', '/v1/rules', rule);
  if (status !== 201) throw new Error(`the rule is refused: ${JSON.stringify(body)}`);
  await settle(run, say);
  await run.stop();
}

interface Totals {
  readonly points: number;
  readonly transfers: number;
}

/** Puts the events straight into the topic, as the front door would. @returns what they must give */
async function queue(stack: Stack, events: number): Promise<Totals> {
  const producer = createKafkaClient({
    brokers: stack.kafka.brokers,
    clientId: 'backlog',
    log: () => undefined,
  }).producer();
  const occurredAt = formatInstant(instant(Date.now()));
  let points = 0;
  let transfers = 0;
  for (let from = 0; from < events; from += PER_SEND) {
    const batch = Array.from({ length: Math.min(PER_SEND, events - from) }, (_, index) => {
      const body = purchaseOf(from + index, {
        orderId: `o${from + index}`,
        memberId: `m${(from + index) % MEMBERS}`,
        occurredAt,
      });
      points += pointsOf(body);
      transfers += pointsOf(body) > 0 ? 1 : 0;
      return messageOf(body);
    });
    await producer.send(batch);
    if (from % 100_000 === 0) say(`${from + batch.length} of ${events} queued`);
  }
  await producer.stop();
  return { points, transfers };
}

function messageOf(body: ReturnType<typeof purchaseOf>): OutgoingMessage {
  const { order_id, member_id, occurred_at } = body;
  const key = member_id === null ? guestKey(PROGRAM, order_id) : memberKey(PROGRAM, member_id);
  const value = JSON.stringify({
    specversion: '1.0',
    id: `purchase:${order_id}`,
    source: `/programs/${PROGRAM}/api`,
    type: 'kizuna.purchase.completed.v1',
    time: occurred_at,
    subject: member_id ?? `order:${order_id}`,
    datacontenttype: 'application/json',
    program: PROGRAM,
    receivedat: occurred_at,
    correlationid: randomUUID(),
    data: { program_id: PROGRAM, ...body },
  });
  return { topic: 'purchase-events', partition: laneOf(key), key, value };
}

async function drain(directory: string, stack: Stack, events: number, expected: Totals): Promise<number> {
  const startedAt = Date.now();
  const run = await local(directory, stack);
  const heaps = new Map<RoomName, number[]>(ROOMS.map((room) => [room, []]));
  let isDone = false;
  const settled = settle(run, say).finally(() => (isDone = true));
  while (!isDone) {
    for (const [room, samples] of heaps) samples.push(await heapOf(run.internalUrls[room]).catch(() => 0));
    await Promise.race([sleep(SAMPLE_EVERY_MS), settled.catch(() => undefined)]);
  }
  await settled;
  const seconds = (Date.now() - startedAt) / 1_000;
  await run.stop();
  const { points, transfers } = await totals(stack);
  say(`drained ${events} events in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} a second`);
  let areFlat = true;
  for (const [room, samples] of heaps) {
    const known = samples.filter((heap) => heap > 0);
    const flat = isFlat(known);
    areFlat &&= flat;
    say(
      `${room}: heap in MiB ${quarters(known).join(' → ')}, most ${Math.max(0, ...known)}${flat ? '' : ': NOT FLAT'}`,
    );
  }
  const isRight = points === expected.points && transfers === expected.transfers;
  say(
    `${transfers} transfers, ${points} points, expected ${expected.transfers} and ${expected.points}: ${isRight ? 'each once' : 'WRONG'}`,
  );
  return isRight && areFlat ? 0 : 1;
}

async function totals(stack: Stack): Promise<Totals> {
  const url = new URL(stack.postgres.adminUrl);
  url.pathname = '/kizuna_points_ledger';
  const database = await Database.connect({
    url: url.href,
    schema: 'points_ledger',
    applicationName: 'backlog',
  });
  const [row] = await database.query<{ points: string; transfers: string }>(
    'SELECT sum(amount) AS points, count(*) AS transfers FROM transfer',
  );
  await database.close();
  return { points: Number(row?.points), transfers: Number(row?.transfers) };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
