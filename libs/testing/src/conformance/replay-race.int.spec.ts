import { ParkedEvents } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { door, Stage } from './fixture.js';
import { keyOf, membersIn, ROOM, trial } from './trial.js';

describe('a replay of a parked key while a new event of the key comes', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it('waits for that one: it is handled in its place, and never left behind', async () => {
    const [bad = '', good = ''] = membersIn(0, 2);
    const key = keyOf(bad);
    const held = door();
    let isBroken = true;
    let isHeld = true;
    const consumer = await stage.consume({
      before: async ({ events }, tx) => {
        if (isBroken && events.some((event) => event.key === key)) throw new TypeError('not yet mended');
        if (!events.some(({ data }) => data.note === 'held')) return;
        void held.pass().then(() => (isHeld = false));
        // A transaction that does nothing for long is ended by the server.
        while (isHeld) await tx.query('SELECT pg_sleep(0.05)');
      },
    });
    await stage.produce([trial(bad, 1)]);
    await eventually(async () => expect(await stage.parked()).toHaveLength(1));
    isBroken = false;
    // The first is set aside, behind its key; then the transaction hangs in the handling of the other one.
    await stage.produce([trial(bad, 2), trial(good, 1, 'held')]);
    await held.reached;

    const parked = new ParkedEvents(stage.database, `/${ROOM}`, (topic) =>
      consumer.strategy.handlerOf(topic),
    );
    const replay = parked.replay('purchase-events', key, 'tester');
    const waits = eventually(async () => {
      const waiting = await stage.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query LIKE '%parked_key%'`,
      );
      expect(waiting).toHaveLength(1);
    });
    await Promise.race([replay, waits]);
    held.open();
    expect(await replay).toEqual({ replayed: 2, stoppedAt: undefined });

    await stage.produce([trial(bad, 3)]);
    await eventually(async () => expect(await stage.numbersOf(bad)).toContain(3));
    expect(await stage.numbersOf(bad)).toEqual([1, 2, 3]);
    await waits.catch(() => undefined);
  });
});
