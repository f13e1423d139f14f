import { eventually } from '../eventually.js';
import { between, Stage } from './fixture.js';
import { abortedTransaction } from './foreign-client.js';
import { keyOf, memberIn, trial } from './trial.js';

/** More than a fetch brings: the client gets some without anything to hand out, and says nothing about them. */
const LARGE = Array<string>(8).fill('x'.repeat(450_000));

describe('what a transaction has put into a topic and taken back', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it.each([
    ['little', ['x', 'y'], 2],
    ['more than a fetch brings', LARGE, 4],
  ])('is stepped over: %s', async (_, values, takingsMax) => {
    const member = memberIn(0);
    let batches = 0;
    const consumer = await stage.consume({
      client: between(stage.topics.client, async (batch, control, pass) => {
        if (batch.partition === 0) batches += 1;
        await pass(batch, control);
      }),
    });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    await abortedTransaction(
      stage.topics.name('purchase-events'),
      values.map((value) => ({ key: keyOf(member), value, partition: 0 })),
    );
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]), { withinMs: 20_000 });
    await stage.produce([trial(member, 3)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3]));

    expect((await stage.position(0))?.epoch).toBeLessThanOrEqual(takingsMax);
    expect(batches).toBeLessThan(20);
    expect([...consumer.alarms, ...consumer.failures, ...(await stage.parked())]).toEqual([]);
  });
});
