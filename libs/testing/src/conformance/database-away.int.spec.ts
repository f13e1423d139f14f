import type { Database } from '@kizuna/database';
import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { DatabaseLine } from './tcp-proxies.js';
import { memberIn, trial, trials } from './trial.js';

/** How long the broker waits for a sign of life. */
const SESSION_MS = 10_000;

const away = (): Error => Object.assign(new Error('terminating connection'), { code: '57P01' });

describe('a database that is away', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it('and silent holds nobody longer than the session at the broker; then everything is handled once', async () => {
    const line = await DatabaseLine.start(stage.urls.runtimeUrl);
    const database = await stage.connect(line.url);
    const members = [1, 2, 3, 4, 5, 6].map((lane) => memberIn(lane));
    let silentSince = 0;
    const consumer = await stage.consume({
      database,
      inbox: false,
      before: ({ events }) => {
        if (silentSince > 0 || !events.some(({ data }) => data.note === 'silence')) return;
        silentSince = performance.now();
        line.isBlackHole = true;
      },
    });
    const [first = ''] = members;
    // Three lanes are taken when it begins, three must be taken during it.
    await stage.produce(members.slice(0, 3).map((member) => trial(member, 1)));
    await eventually(async () => expect(await stage.effects()).toHaveLength(3));
    await stage.produce([trial(first, 2, 'silence'), ...members.slice(1).map((member) => trial(member, 2))]);
    let longest = 0;
    await eventually(() => {
      longest = Math.max(longest, consumer.strategy.sinceLastFetchMs());
      expect(consumer.failures.filter(({ lane }) => lane === 1).length).toBeGreaterThanOrEqual(2);
    });
    expect(longest).toBeLessThan(SESSION_MS);
    expect(performance.now() - silentSince).toBeGreaterThan(SESSION_MS);
    line.heal();

    for (const [index, member] of members.entries())
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(index < 3 ? [1, 2] : [2]));
    expect(consumer.joins).toBe(1);
    expect([...consumer.crashes, ...consumer.systemic, ...(await stage.parked())]).toEqual([]);
    await consumer.stop();
    await line.stop();
  });

  it('again and again in the middle of the first chunk is not taken for a death of the process', async () => {
    const member = memberIn(2);
    let outages = 0;
    const { database, goAway } = deafWhileAway(stage.database);
    const consumer = await stage.consume({
      database,
      before: () => {
        outages += 1;
        if (outages > 5) return;
        goAway();
        throw away();
      },
    });
    await stage.produce(trials(member, 3));
    await eventually(async () => expect(await stage.position(2)).toMatchObject({ nextOffset: 3 }));
    expect(await stage.numbersOf(member)).toEqual([1, 2, 3]);
    expect(consumer.failures).toHaveLength(5);
    expect(await stage.parked()).toEqual([]);
  });

  it('answers COMMIT with ROLLBACK where a failed statement was ignored: nothing of it stands, and it is told', async () => {
    const ignoring = stage.database.transaction(async (tx) => {
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(ignoring).rejects.toThrow('COMMIT was answered with ROLLBACK');
    await expect(stage.database.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });
});

/** Away, too, when it should hear that the attempt has failed; back when the lane is taken. */
function deafWhileAway(database: Database): { readonly database: Database; goAway(): void } {
  let isAway = false;
  const proxy = new Proxy(database, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== 'function') return own;
      return (...args: unknown[]): unknown => {
        if (name === 'transaction') isAway = false;
        if (name === 'query' && isAway) return Promise.reject(away());
        return (own as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { database: proxy, goAway: () => void (isAway = true) };
}
