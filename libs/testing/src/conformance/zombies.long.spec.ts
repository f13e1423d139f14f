import type { EventEnvelope } from '@kizuna/contracts';
import { appendToOutbox, createKafkaClient, relayProgress } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { BrokerProxy } from './tcp-proxies.js';
import { aSeen, keyOf, memberIn, membersIn, trial, trials } from './trial.js';
import { startWorker } from './worker-process.js';

const SESSION_MS = 10_000;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** What takes longer than a session, a lease or a deadline. */
describe('processes that were taken for dead', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  const sequences = async (key: string): Promise<number[]> =>
    (await stage.published())
      .filter(({ subject }: EventEnvelope) => key.endsWith(`:${subject}`))
      .map(({ data }) => (data as { sequence: number }).sequence);

  it('a consumer that slept past its session in the middle of a chunk writes nothing when it wakes', async () => {
    const [a, b] = [memberIn(0), memberIn(1)];
    const zombie = startWorker(stage, { owner: 'zombie', stallsOn: 'stall' });
    await zombie.says('started');
    await stage.produce([trial(a, 1), trial(a, 2, 'stall')]);
    await zombie.says('stalled');
    zombie.signal('SIGSTOP');
    const heir = startWorker(stage, { owner: 'heir' });
    await stage.produce([trial(a, 3), trial(b, 1)]);
    await eventually(async () => expect(await stage.numbersOf(a)).toEqual([1, 2, 3]), {
      withinMs: SESSION_MS + 20_000,
    });

    zombie.signal('SIGCONT');
    zombie.go();
    await zombie.says('failed', 30_000);
    await stage.produce([trial(a, 4), trial(b, 2)]);

    await eventually(async () => expect(await stage.numbersOf(a)).toEqual([1, 2, 3, 4]));
    await eventually(async () => expect(await stage.numbersOf(b)).toEqual([1, 2]));
    const second = (await stage.effects()).find(({ key, n }) => key === keyOf(a) && n === 2);
    expect(second?.owner).toBe('heir');
    expect(await stage.parked()).toEqual([]);
    await Promise.all([zombie.kill(), heir.kill()]);
  }, 90_000);

  it('one of two consumers that is killed is replaced within its session and ten seconds', async () => {
    const members = upTo(11).map((lane) => memberIn(lane));
    const workers = ['first', 'second'].map((owner) => startWorker(stage, { owner }));
    let next = 1;
    const stream = async (): Promise<void> => {
      await stage.produce(members.flatMap((member) => trials(member, 2, next)));
      next += 2;
    };
    await eventually(async () => {
      await stream();
      expect(new Set((await stage.effects()).map(({ owner }) => owner)).size).toBe(2);
    });
    await workers[0]?.kill();
    await stream();
    for (const member of members)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(next - 1)), {
        withinMs: SESSION_MS + 10_000,
      });
    await workers[1]?.kill();
  }, 90_000);

  it('the survivor of a group goes on where a process was killed between its two commits', async () => {
    const members = membersIn(0, 2).concat(membersIn(1, 2));
    await stage.produce(members.flatMap((member) => trials(member, 10)));
    for (const owner of ['one', 'two']) {
      const worker = startWorker(stage, { owner, dieAfterCommits: 1 });
      expect(await worker.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    const last = startWorker(stage, { owner: 'last' });
    for (const member of members)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(10)), {
        withinMs: 2 * SESSION_MS + 10_000,
      });
    await last.kill();
  }, 90_000);

  it('a relay that slept past its lease repeats at most what it had in hand, and every key stays in order', async () => {
    const keys = upTo(4).map((lane) => keyOf(memberIn(lane)));
    let count = 0;
    const append = async (): Promise<void> => {
      count += 1;
      await stage.database.transaction((tx) =>
        appendToOutbox(
          tx,
          '/trials',
          keys.map((key) => aSeen(`${key}/${count}`, key, count)),
        ),
      );
    };
    const sleeper = startWorker(stage, { role: 'relay', owner: 'sleeper' });
    await sleeper.says('started');
    while (count < 200) await append();
    sleeper.signal('SIGSTOP');
    const heir = startWorker(stage, { role: 'relay', owner: 'heir' });
    while (count < 300) await append();
    await eventually(
      async () =>
        expect(new Set((await relayProgress(stage.database)).map(({ owner }) => owner))).toEqual(
          new Set(['heir']),
        ),
      { withinMs: 20_000 },
    );
    sleeper.signal('SIGCONT');
    while (count < 400) await append();

    for (const key of keys) {
      await eventually(async () => expect(new Set(await sequences(key))).toEqual(new Set(upTo(400))));
      expect([...new Set(await sequences(key))]).toEqual(upTo(400));
    }
    await Promise.all([sleeper.kill(), heir.kill()]);
  }, 90_000);
});

describe('a broker that swallows everything', () => {
  it('is given up at the deadline of the send; a new client works when the broker answers again', async () => {
    const stage = await Stage.create();
    const proxy = await BrokerProxy.start();
    const client = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'in-the-dark',
      log: () => undefined,
    });
    const producer = client.producer();
    const send = (value: string): Promise<void> =>
      producer.send([{ topic: stage.topics.name('award-events'), partition: 0, key: 'k', value }]);
    const values = async (): Promise<string[]> =>
      (await stage.topics.read('award-events')).map(({ value }) => String(value));
    await send('before');

    proxy.isBlackHole = true;
    const from = performance.now();
    await expect(send('swallowed')).rejects.toMatchObject({ name: 'SendDeadlineExceeded' });
    expect(performance.now() - from).toBeLessThan(20_000);
    proxy.isBlackHole = false;

    await eventually(() => send('after'));
    expect(await values()).toEqual(expect.arrayContaining(['before', 'after']));
    await producer.stop();
    await proxy.stop();
    await stage.close();
  }, 90_000);
});
