import { eventually } from '../eventually.js';
import { uniqueName } from '../real-parts.js';
import { between, Stage } from './fixture.js';
import { foreignProduce } from './foreign-client.js';
import { memberIn, trial, trials } from './trial.js';

describe('a member of a consumer group', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it('stays one while it works longer than its session on what one fetch has brought', async () => {
    const member = memberIn(1);
    const chunks = 14;
    // Compressed, so that one fetch brings them all.
    const messages = trials(member, chunks * 1_000).map((one) => ({ ...one, partition: 1 }));
    await foreignProduce(stage.topics.name('purchase-events'), messages, { gzip: true });
    const consumer = await stage.consume({
      inbox: false,
      handle: async (_, tx) => {
        await tx.query('SELECT pg_sleep(1)');
        return [];
      },
    });
    const done = { nextOffset: messages.length, epoch: 1 };
    await eventually(async () => expect(await stage.position(1)).toMatchObject(done), { withinMs: 80_000 });
    // Whoever was put out hears of it only now.
    await stage.produce([trial(member, messages.length + 1)]);
    const onward = { nextOffset: messages.length + 1, epoch: 1 };
    await eventually(async () => expect((await stage.position(1))?.nextOffset).toBe(onward.nextOffset));
    expect(await stage.position(1)).toMatchObject(onward);
    expect(consumer.joins).toBe(1);
    expect([...consumer.failures, ...consumer.crashes]).toEqual([]);
  }, 120_000);

  it('leaves to the client what the client has to say, and counts it as nobody’s failure', async () => {
    const member = memberIn(2);
    const thrown: unknown[] = [];
    const rebalancing = Object.assign(new Error('the group is rebalancing'), {
      name: 'KafkaJSProtocolError',
    });
    const consumer = await stage.consume({
      client: between(stage.topics.client, async (batch, control, pass) => {
        const isFirst = batch.partition === 2 && thrown.length === 0;
        const heartbeat = (): Promise<void> => Promise.reject(rebalancing);
        await pass(batch, isFirst ? { ...control, heartbeat } : control).catch((error: unknown) => {
          thrown.push(error);
        });
      }),
    });
    await stage.produce([trial(member, 1)]);
    await eventually(() => expect(thrown).toHaveLength(1));
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(thrown).toEqual([rebalancing]);
    expect([...consumer.failures, ...(await stage.parked())]).toEqual([]);
  });

  it('that has paused a partition reads it again when the group has a new generation', async () => {
    const [groupId, topic] = [uniqueName('paused'), stage.topics.name('purchase-events')];
    let batches = 0;
    const join = (eachBatch: () => void, pauses: boolean) =>
      stage.topics.client.consumer({
        groupId,
        topics: [topic],
        onJoin: () => undefined,
        onCrash: () => undefined,
        eachBatch: ({ partition }, control) => {
          eachBatch();
          if (pauses && partition === 3) control.pauseFor(batches === 1 ? 600_000 : 100);
          return Promise.resolve();
        },
      });
    await stage.produce([trial(memberIn(3), 1)]);
    const first = join(() => void (batches += 1), true);
    await first.start();
    await eventually(() => expect(first.pausedPartitions()).toBe(1));
    expect(batches).toBe(1);
    const second = join(() => undefined, false);
    await second.start();
    await second.stop();
    await eventually(() => expect(batches).toBeGreaterThan(1));
    await first.stop();
  });
});
