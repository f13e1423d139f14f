// A process of the room under trial, to be killed: it reads its orders from WORKER_ORDERS and tells on stdout, line by
// line, how far it is. Never imported.
import { Database } from '@kizuna/database';
import {
  createKafkaClient,
  KafkaChunksStrategy,
  Relay,
  withPrefix,
  type Chunk,
  type ChunkContext,
  type KafkaClient,
} from '@kizuna/messaging';
import { recordEffects, ROOM, trialMade, type TrialEvent } from './trial.js';
import type { WorkerOrders } from './worker-process.js';

const orders = JSON.parse(process.env['WORKER_ORDERS'] ?? '{}') as WorkerOrders;
const topicName = withPrefix(orders.prefix);
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const die = (): void => void process.kill(process.pid, 'SIGKILL');

const client = createKafkaClient({
  brokers: orders.brokers,
  clientId: orders.owner,
  log: () => undefined,
});
const database = await Database.connect({
  url: orders.databaseUrl,
  schema: ROOM,
  applicationName: 'kizuna-worker',
  poolSize: 5,
});

/** Resolves with the next line on stdin. */
function told(): Promise<void> {
  return new Promise((resolve) => process.stdin.once('data', () => resolve()));
}

async function handle({ lane, events }: Chunk<TrialEvent>, { tx }: ChunkContext) {
  const notes = new Set(events.map(({ data }) => data.note));
  if (notes.has('killer')) die();
  if (orders.stallsOn !== undefined && notes.has(orders.stallsOn)) {
    tell('stalled');
    await told();
  }
  return recordEffects({ lane, events, topic: trialMade.topic }, tx, orders.owner);
}

function consume(kafka: KafkaClient): Promise<void> {
  let committed = 0;
  const strategy = new KafkaChunksStrategy({
    client: kafka,
    admin: kafka.admin(),
    database,
    owner: orders.owner,
    source: `/${ROOM}`,
    topicName,
    groupName: (group) => topicName(`${group}${orders.group ?? ''}`),
    onJoin: () => undefined,
    onCommitted: ({ events, parked }) => {
      if (orders.failsToTell) throw new TypeError('told wrongly');
      committed += events > 0 || parked > 0 ? 1 : 0;
      tell(`committed ${events} ${parked}`);
      // Between the commit of the database and that of the offset.
      if (committed === orders.dieAfterCommits) die();
    },
    onFailure: ({ error }) => tell(`failed ${String(error)}`),
    onAlarm: ({ kind }) => tell(`alarm ${kind}`),
    onSystemic: (error) => tell(`systemic ${String(error)}`),
    onCrash: () => process.exit(1),
  });
  strategy.addHandler(trialMade.topic, handle as never, true, {
    group: ROOM,
    events: [trialMade],
    inbox: true,
  });
  return new Promise((resolve, reject) => {
    void strategy.listen((error) => (error ? reject(error as Error) : resolve()));
  });
}

function publish(kafka: KafkaClient): void {
  const relay = new Relay({
    database,
    producer: kafka.producer(),
    owner: orders.owner,
    topicName,
    onError: (error) => tell(`failed ${String(error)}`),
  });
  relay.start();
}

if (orders.role === 'relay') publish(client);
else await consume(client);
tell('started');
