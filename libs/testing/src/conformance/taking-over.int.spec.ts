import { createKafkaClient } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { between, door, Stage } from './fixture.js';
import { BrokerProxy } from './tcp-proxies.js';
import { keyOf, memberIn, membersIn, ROOM, trial, trials } from './trial.js';
import { startWorker } from './worker-process.js';

/** A stop is given 25 s in all; the client's share is smaller. */
const STOP_WITHIN_MS = 15_000;

describe('what a former owner leaves behind', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it('a key that it parks while the next owner waits for the lane stays parked for that one', async () => {
    const [bad = '', good = ''] = membersIn(0, 2);
    const owner = await stage.connect(stage.urls.ownerUrl);
    const refuse = ({ events }: { events: readonly { key: string; data: { n: number } }[] }): void => {
      if (events.some(({ key, data }) => key === keyOf(bad) && data.n === 1)) throw new TypeError('n is 1');
    };
    const held = door();
    await stage.consume({ owner: 'former', before: refuse });
    await stage.consume({
      owner: 'next',
      group: '-next',
      before: refuse,
      client: between(stage.topics.client, async (batch, control, pass) => {
        await held.pass();
        await pass(batch, control);
      }),
    });
    await owner.transaction(async (tx) => {
      const waits = (statement: string): Promise<void> =>
        eventually(async () => {
          // A transaction that does nothing for long is ended by the server.
          await tx.query('SELECT');
          expect(await waitingFor(stage.database, statement)).toBe(1);
        });
      // Somebody else's row of the same key, not committed: the parking waits for it, inside its transaction.
      await tx.query('INSERT INTO parked_key (consumer_group, topic, lane, key) VALUES ($1, $2, 0, $3)', [
        ROOM,
        'purchase-events',
        keyOf(bad),
      ]);
      await stage.produce([trial(bad, 1)]);
      await waits('INSERT INTO parked_key');
      held.open();
      await waits('INSERT INTO lane_position');
      await tx.query('DELETE FROM parked_key WHERE key = $1', [keyOf(bad)]);
    });
    await eventually(async () => expect(await stage.parked()).toHaveLength(1));
    await eventually(async () => expect(await stage.position(0)).toMatchObject({ owner: 'next' }));

    await stage.produce([trial(bad, 2), trial(good, 1)]);
    await eventually(async () => expect(await stage.numbersOf(good)).toEqual([1]));
    expect(await stage.numbersOf(bad)).toEqual([]);
    expect((await stage.parked()).map(({ key, reason }) => [key, reason])).toEqual([
      [keyOf(bad), 'TypeError: n is 1'],
      [keyOf(bad), null],
    ]);
  });

  it('a chunk that is committed stays so, when telling of it fails', async () => {
    const member = memberIn(2);
    await stage.produce(trials(member, 3));
    const first = startWorker(stage, { owner: 'first', group: '-first', failsToTell: true });
    expect(await first.ended).toMatchObject({ code: 1 });
    expect(await stage.numbersOf(member)).toEqual([1, 2, 3]);

    await stage.produce([trial(member, 4)]);
    const second = startWorker(stage, { owner: 'second', group: '-second' });
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3, 4]));
    await second.kill();
    expect(await stage.parked()).toEqual([]);
  });

  it('nothing but its session at the broker, when it stops while the broker is away', async () => {
    const member = memberIn(4);
    const proxy = await BrokerProxy.start();
    const consumer = await stage.consume({
      client: createKafkaClient({ brokers: [proxy.broker], clientId: 'cut-off', log: () => undefined }),
    });
    await stage.produce(trials(member, 3));
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3]));
    proxy.isBlackHole = true;
    const startedAt = Date.now();
    await consumer.stop();
    expect(Date.now() - startedAt).toBeLessThan(STOP_WITHIN_MS);
    await proxy.stop();

    await stage.produce([trial(member, 4)]);
    await stage.consume({ owner: 'next', group: '-next' });
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3, 4]));
  }, 60_000);
});

async function waitingFor(on: Awaited<ReturnType<Stage['connect']>>, statement: string): Promise<number> {
  const [row] = await on.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
    [statement],
  );
  return row?.count ?? 0;
}
