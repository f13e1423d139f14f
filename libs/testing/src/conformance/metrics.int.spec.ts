import 'reflect-metadata';
import { Database } from '@kizuna/database';
import { Relay } from '@kizuna/messaging';
import { eventually, times } from '../eventually.js';
import { startRoom, type TestRoom } from '../rooms.js';
import { createTopics, type TestTopics } from '../topics.js';
import { trialRoom } from './trial-module.js';
import {
  envelope,
  keyOf,
  memberIn,
  ROOM,
  trial,
  trialMigrations,
  trials,
  type TrialMessage,
} from './trial.js';

const POOL = 4;
const TOPIC = 'topic="purchase-events"';

/** Every figure that is watched, after something of which is known what it must say. In order: each situation stays. */
describe('the metrics of a room', () => {
  let topics: TestTopics;
  let room: TestRoom;

  beforeAll(async () => {
    topics = await createTopics('gateway', 'campaigns');
    const environment = { DATABASE_POOL_SIZE: String(POOL), LOG_LEVEL: 'silent' };
    room = await startRoom(trialRoom, { migrations: trialMigrations, topics, environment });
  });
  afterAll(() => room?.stop());

  const produce = (messages: readonly TrialMessage[]) => topics.produce('purchase-events', messages);
  const scrape = async (): Promise<ReadonlyMap<string, number>> => {
    const text = await (await fetch(`${room.internalUrl}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ');
        const name = line
          .slice(0, at)
          .replace(/room="[a-z-]+",?/, '')
          .replace(',}', '}');
        return [name.replace('{}', ''), Number(line.slice(at + 1))] as const;
      }),
    );
  };
  const read = async (name: string): Promise<number> => {
    const value = (await scrape()).get(name);
    if (value === undefined) throw new Error(`${name} is not told`);
    return value;
  };
  const says = (figures: Readonly<Record<string, number>>): Promise<void> =>
    eventually(async () => {
      const told = await scrape();
      const names = Object.keys(figures);
      expect(Object.fromEntries(names.map((name) => [name, told.get(name)]))).toEqual(figures);
    });

  it('are nothing but zeros in a room to which nothing has come', () =>
    says({
      kizuna_rebalances_total: 1,
      kizuna_paused_partitions: 0,
      kizuna_parked_keys: 0,
      kizuna_outbox_backlog_events: 0,
      kizuna_outbox_oldest_seconds: 0,
      kizuna_database_pool_waiting: 0,
      [`kizuna_lag_messages{${TOPIC}}`]: 0,
      [`kizuna_lag_seconds{${TOPIC}}`]: 0,
    }));

  it('count what was handled, suppressed, skipped and parked, and the keys that wait', async () => {
    const [member, broken] = [memberIn(0), memberIn(1)];
    const unknown = { ...envelope(member, 'other', { n: 1 }), type: 'kizuna.trial.other.v1' };
    await produce(trials(member, 3));
    await produce([
      trial(member, 1),
      trial(member, 2),
      { key: keyOf(member), value: JSON.stringify(unknown) },
    ]);
    await produce([{ key: keyOf(broken), value: 'no event' }, trial(broken, 1)]);
    await says({
      [`kizuna_events_handled_total{${TOPIC}}`]: 3,
      [`kizuna_events_repeated_total{${TOPIC}}`]: 2,
      [`kizuna_events_skipped_total{${TOPIC}}`]: 1,
      [`kizuna_events_parked_total{${TOPIC}}`]: 2,
      kizuna_parked_keys: 1,
      [`kizuna_lag_messages{${TOPIC}}`]: 0,
      kizuna_outbox_backlog_events: 0,
    });
  });

  it('tell how long a chunk took', async () => {
    const bucket = (le: string): string => `kizuna_chunk_seconds_bucket{le="${le}",${TOPIC}}`;
    const before = await scrape();
    await produce([trial(memberIn(0), 4)]);
    await says({ [`kizuna_events_handled_total{${TOPIC}}`]: 4 });
    const after = await scrape();
    const more = (name: string): number => (after.get(name) ?? NaN) - (before.get(name) ?? NaN);
    // Its handler takes a tenth of a second.
    expect([more(bucket('0.05')), more(bucket('10'))]).toEqual([0, 1]);
    expect(more(`kizuna_chunk_seconds_count{${TOPIC}}`)).toBe(1);
    expect(more(`kizuna_chunk_seconds_sum{${TOPIC}}`)).toBeGreaterThan(0.1);
  });

  it('tell since when nothing was fetched', async () => {
    const name = 'kizuna_since_last_fetch_seconds';
    await eventually(async () => expect(await read(name)).toBeLessThan(1.5));
    await produce([trial(memberIn(0), 5, 'long')]);
    await eventually(async () => expect(await read(name)).toBeGreaterThan(2));
    await eventually(async () => expect(await read(name)).toBeLessThan(1.5));
  });

  it('count the generations of the group', async () => {
    const consumer = topics.client.consumer({
      groupId: topics.name(ROOM),
      topics: [topics.name('purchase-events')],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: () => Promise.resolve(),
    });
    const before = await read('kizuna_rebalances_total');
    await consumer.start();
    const joined = await eventually(async () => {
      const told = await read('kizuna_rebalances_total');
      expect(told).toBeGreaterThan(before);
      return told;
    });
    await consumer.stop();
    await eventually(async () => expect(await read('kizuna_rebalances_total')).toBeGreaterThan(joined));
  });

  it('tell who waits for a connection of the pool', async () => {
    const database = room.app.get(Database);
    const held = times(POOL, () => database.query('SELECT pg_sleep(1.5)'));
    const waiting = times(3, () => database.query('SELECT 1'));
    const told = await read('kizuna_database_pool_waiting');
    await Promise.all([held, waiting]);
    // The relay may be among them.
    expect(told).toBeGreaterThanOrEqual(3);
    expect(told).toBeLessThanOrEqual(5);
    await says({ kizuna_database_pool_waiting: 0 });
  });

  it('tell how long the event loop was held up', async () => {
    // What is held up at once after a look is not seen, for want of a tick before it.
    await eventually(async () => {
      const until = performance.now() + 400;
      while (performance.now() < until);
      expect(await read('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.3);
    });
  });

  it('tell what waits in the outbox, and for how long', async () => {
    await room.app.get(Relay).stop();
    const from = performance.now();
    await produce(trials(memberIn(0), 4, 6));
    await says({ kizuna_outbox_backlog_events: 4 });
    await eventually(async () => expect(await read('kizuna_outbox_oldest_seconds')).toBeGreaterThan(1.5));
    const seconds = await read('kizuna_outbox_oldest_seconds');
    expect(seconds).toBeLessThan((performance.now() - from) / 1_000 + 0.5);
  });

  it('tell what a lane is behind, that it pauses, and how often it failed', async () => {
    await produce([trial(memberIn(2), 1, 'not now'), trial(memberIn(2), 2)]);
    await says({
      [`kizuna_lag_messages{${TOPIC}}`]: 2,
      kizuna_paused_partitions: 1,
      kizuna_parked_keys: 1,
    });
    await eventually(async () => {
      expect(await read(`kizuna_lag_seconds{${TOPIC}}`)).toBeGreaterThan(2);
      expect(await read(`kizuna_chunk_failures_total{${TOPIC}}`)).toBeGreaterThan(2);
    });
    expect(await read(`kizuna_lag_seconds{${TOPIC}}`)).toBeLessThan(60);
  });
});
