import pg from 'pg';
import { Database } from '@kizuna/database';
import { eventually } from '../eventually.js';
import { realParts } from '../real-parts.js';
import { door, Stage } from './fixture.js';
import { CommitCutter, type CommitCut } from './tcp-proxies.js';
import { memberIn, ROOM, trial, trials } from './trial.js';
import { startWorker } from './worker-process.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a database that fails half-way', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  describe('when the answer to COMMIT is lost', () => {
    let cutter: CommitCutter;
    let database: Database;

    beforeEach(async () => {
      cutter = await CommitCutter.start(stage.urls.runtimeUrl);
      database = await stage.connect(cutter.url);
    });
    afterEach(async () => {
      await stage.rest();
      await cutter.stop();
    });

    it.each<[CommitCut, number]>([
      ['before the server has it', 1],
      ['after the server has it', 0],
    ])('%s, the position tells what happened: every effect once, without an inbox', async (cut, failures) => {
      const member = memberIn(0);
      const consumer = await stage.consume({ database, inbox: false });
      await stage.produce([trial(member, 1)]);
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));

      cutter.order(cut);
      await stage.produce(trials(member, 20, 2));
      await eventually(async () => expect(await stage.position(0)).toMatchObject({ nextOffset: 21 }));
      await stage.produce([trial(member, 22)]);

      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(22)));
      expect(cutter.cuts).toBe(1);
      expect(consumer.failures).toHaveLength(failures);
      expect([...consumer.crashes, ...(await stage.parked())]).toEqual([]);
      await consumer.stop();
    });

    it('while a lane is taken, the lane is taken again', async () => {
      const member = memberIn(1);
      cutter.order('after the server has it');
      const consumer = await stage.consume({ database, inbox: false });
      await stage.produce(trials(member, 5));
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(5)));
      expect(cutter.cuts).toBe(1);
      expect(await stage.position(1)).toMatchObject({ epoch: 2 });
      await consumer.stop();
    });
  });

  it('goes on, exactly once and with nothing parked, while connections are killed at random', async () => {
    const members = upTo(6).map((lane) => memberIn(lane));
    const count = 40;
    const victim = await stage.connect(stage.urls.runtimeUrl, 'kizuna-victim');
    const consumer = await stage.consume({ database: victim, inbox: false });
    const admin = new pg.Client({ connectionString: realParts().adminUrl });
    await admin.connect();
    const name = new URL(stage.urls.runtimeUrl).pathname.slice(1);
    let killed = 0;
    for (let number = 1; number <= count; number += 2) {
      await stage.produce(members.flatMap((member) => trials(member, 2, number)));
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity 
         WHERE datname = $1 AND application_name = 'kizuna-victim'`,
        [name],
      );
      killed += rowCount ?? 0;
    }
    await admin.end();

    for (const member of members)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(count)));
    // How many connections there were to kill is up to how much was under way.
    expect(killed).toBeGreaterThan(0);
    expect([...consumer.crashes, ...consumer.systemic, ...(await stage.parked())]).toEqual([]);
    await consumer.stop();
  }, 60_000);

  it('survives a connection that dies in the moment in which it is handed out', async () => {
    const proxy = await CommitCutter.start(stage.urls.runtimeUrl);
    const worker = startWorker(stage, { owner: 'worker', databaseUrl: proxy.url });
    await worker.says('started');
    proxy.stillborn = 2;
    await stage.produce(upTo(11).map((lane) => trial(memberIn(lane), 1)));
    const dead = worker.ended.then(({ code }) => {
      throw new Error(`the process ended with ${code}: ${worker.lines.join(' ')}`);
    });
    const handled = eventually(async () => expect(await stage.effects()).toHaveLength(11), {
      withinMs: 45_000,
    });
    try {
      await Promise.race([dead, handled]);
    } finally {
      await worker.kill();
      await Promise.allSettled([dead, handled]);
      await proxy.stop();
    }
  });

  it('runs a chunk again that lost a deadlock', async () => {
    const member = memberIn(7);
    const [handlerHas, otherHas] = [door(), door()];
    const lock = 'SELECT pg_advisory_xact_lock($1)';
    let rounds = 0;
    const consumer = await stage.consume({
      inbox: false,
      before: async (_, tx) => {
        if ((rounds += 1) > 1) return;
        await tx.query(lock, [1]);
        void handlerHas.pass();
        await tx.query(lock, [2]);
      },
    });
    const isWaiting = async (): Promise<void> => {
      const waiting = await stage.database.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND NOT granted`,
      );
      expect(waiting).toHaveLength(1);
    };
    // Who has waited longest looks for a circle first, finds it, and gives way: that is the handler.
    const other = stage.database.transaction(async (tx) => {
      await tx.query(lock, [2]);
      void otherHas.pass();
      await handlerHas.reached;
      await eventually(isWaiting);
      await tx.query(lock, [1]);
    });
    await otherHas.reached;
    await stage.produce([trial(member, 1)]);
    await other;
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    expect(consumer.failures.map(({ error }) => (error as { code?: string }).code)).toEqual(['40P01']);
    expect(await stage.parked()).toEqual([]);
  });

  it('waits at most a second for a former owner that still holds its lane, and then asks again', async () => {
    const member = memberIn(9);
    const first = await stage.consume();
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    await first.stop();

    const release = door();
    const holding = stage.database.transaction(async (tx) => {
      await tx.query('UPDATE lane_position SET owner = owner WHERE lane = 9');
      await release.pass();
    });
    await release.reached;
    const second = await stage.consume();
    await stage.produce([trial(member, 2)]);
    await eventually(() => expect(second.failures.length).toBeGreaterThan(0));
    expect(second.failures[0]?.error).toMatchObject({ code: '55P03' });
    release.open();
    await holding;

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(await stage.parked()).toEqual([]);
  });

  it('frees a lane whose owner forgot its transaction', async () => {
    const member = memberIn(10);
    const stuck = door();
    let isFirst = true;
    const forgetful = await stage.connect();
    const consumer = await stage.consume({
      database: forgetful,
      before: async () => {
        if (!isFirst) return;
        isFirst = false;
        await stuck.pass();
      },
    });
    await stage.produce([trial(member, 1)]);
    await stuck.reached;
    const next = await stage.consume({ owner: 'next', group: '-next' });
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    stuck.open();
    await eventually(() => expect(consumer.failures.length).toBeGreaterThan(0));
    expect(await stage.effects()).toMatchObject([{ owner: 'next' }]);
    expect([...next.alarms, ...(await stage.parked())]).toEqual([]);
  });

  it('commits nothing of a chunk whose handler fails after its effects', async () => {
    const member = memberIn(11);
    let isAway = true;
    const consumer = await stage.consume({
      handle: async ({ events, lane }, tx) => {
        await tx.query(
          `INSERT INTO effect (event_id, key, n, is_conflict, lane, owner) VALUES ($1, $2, 1, false, $3, $4)`,
          [events[0]?.id, events[0]?.key, lane, ROOM],
        );
        if (isAway) throw Object.assign(new Error('gone'), { code: '57P01' });
        return [];
      },
    });
    await stage.produce([trial(member, 1)]);
    await eventually(() => expect(consumer.failures.length).toBeGreaterThan(0));
    expect(await stage.effects()).toEqual([]);
    expect(await stage.database.query('SELECT FROM inbox')).toEqual([]);
    expect(await stage.position(11)).toMatchObject({ nextOffset: 0 });
    isAway = false;
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
  });
});
