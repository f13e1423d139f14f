import { dayPartition, Database, ensurePartition, schemaOf } from '@kizuna/database';
import { messagingSchema, MESSAGING_TABLES_DOWN, tidyPartitions } from '@kizuna/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createDatabase, dropDatabase, times } from '../index.js';

const ROOM = 'partition-room';

class PartitionRoom1764000000001 implements MigrationInterface {
  readonly name = 'PartitionRoom1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingSchema(schemaOf(ROOM), `${schemaOf(ROOM)}_runtime`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(MESSAGING_TABLES_DOWN);
  }
}

const DAY_MS = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

describe('partitions of inbox and outbox', () => {
  let urls: Awaited<ReturnType<typeof createDatabase>>;
  let database: Database;

  beforeAll(async () => {
    urls = await createDatabase(ROOM, [PartitionRoom1764000000001]);
    const { runtimeUrl: url } = urls;
    database = await Database.connect({ url, schema: schemaOf(ROOM), applicationName: 'test', poolSize: 20 });
  });

  afterAll(async () => {
    await database?.close();
    await dropDatabase(urls);
  });

  const partitions = async (table: string): Promise<string[]> => {
    const rows = await database.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = $1::regclass ORDER BY 1`,
      [table],
    );
    return rows.map(({ name }) => name);
  };
  const nameOf = (table: string, at: Date): string => `${table}_${dayPartition(at).suffix}`;
  const tidy = (low = 0): Promise<string[]> =>
    tidyPartitions(database, ['purchase-events'], () => Promise.resolve(low));

  it('are made once when twenty ask at the same time', async () => {
    for (let day = 10; day < 20; day += 1)
      await times(20, () => ensurePartition(database, 'outbox', dayPartition(daysAgo(-day))));
    expect(await partitions('outbox')).toHaveLength(10);
  });

  it('are made ahead of the clock', async () => {
    await tidy();
    for (const table of ['inbox', 'outbox'])
      expect(await partitions(table)).toEqual(
        expect.arrayContaining([0, 1, 2, 3].map((day) => nameOf(table, daysAgo(-day)))),
      );
  });

  it('of the outbox are dropped when the relay has passed them, not before', async () => {
    const old = daysAgo(5);
    await ensurePartition(database, 'outbox', dayPartition(old));
    await database.query(
      `INSERT INTO outbox (lane, created_at, event_count, events) VALUES (3, $1, 1, 'x')`,
      [old],
    );
    expect(await tidy()).toEqual([]);
    await database.query('UPDATE relay_lane SET cursor = (SELECT max(id) FROM outbox) WHERE lane = 3');
    expect(await tidy()).toEqual([nameOf('outbox', old)]);
  });

  it('of the inbox are dropped when the topic begins behind them, not before', async () => {
    const old = daysAgo(4);
    await ensurePartition(database, 'inbox', dayPartition(old));
    await database.query(
      `INSERT INTO lane_position (consumer_group, topic, lane, owner, next_offset)
       VALUES ('g', 'purchase-events', 0, 'o', 500)`,
    );
    await database.query(`INSERT INTO inbox_mark VALUES ($1::date, 'purchase-events', 0, 300)`, [daysAgo(3)]);
    expect(await tidy(299)).toEqual([]);
    expect(await tidy(300)).toEqual([nameOf('inbox', old)]);
  });

  it('of the inbox stay while an event is parked that may repeat what was claimed in them', async () => {
    const old = daysAgo(4);
    await ensurePartition(database, 'inbox', dayPartition(old));
    await database.query(
      `INSERT INTO parked_event (consumer_group, topic, lane, message_offset, key, parked_at)
       VALUES ('g', 'purchase-events', 0, 290, 'p:ann', $1), ('g', 'purchase-events', 0, 291, NULL, $1),
              ('g', 'program-settings', 0, 7, 'p', $1)`,
      [daysAgo(3)],
    );
    expect(await tidy(300)).toEqual([]);
    // Nobody can replay what has no key, and other topics claim nothing.
    await database.query(`UPDATE parked_event SET state = 'discarded' WHERE key = 'p:ann'`);
    expect(await tidy(300)).toEqual([nameOf('inbox', old)]);
  });

  it('of other tables cannot be dropped by the service', async () => {
    await expect(database.query(`SELECT drop_partition('lane_position', '20270101')`)).rejects.toThrow(
      'are kept',
    );
    await expect(database.query('DROP TABLE inbox')).rejects.toThrow('must be owner');
  });
});
