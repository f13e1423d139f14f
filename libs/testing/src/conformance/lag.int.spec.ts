import { LagWatch, type Admin } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { memberIn, trial, trials } from './trial.js';

const TOPIC = 'purchase-events';

describe('the lag of a lane', () => {
  let stage: Stage;
  let admin: Admin;

  beforeEach(async () => {
    stage = await Stage.create();
    admin = stage.topics.client.admin();
  });
  afterEach(async () => {
    await admin.stop();
    await stage.close();
  });

  it('is the time for which the oldest unread message was seen, whenever the lane made its last step', async () => {
    const member = memberIn(1);
    const watch = new LagWatch(stage.database, admin, stage.topics.name);
    const at = async (lane: number, second: number): Promise<readonly [number, number]> => {
      const lag = (await watch.read([TOPIC], second * 1_000)).find((one) => one.lane === lane);
      return [lag?.messages ?? -1, lag?.seconds ?? -1];
    };
    const consumer = await stage.consume();
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    await consumer.stop();

    // A quiet night, then one message, then another.
    expect(await at(1, 0)).toEqual([0, 0]);
    await stage.produce([trial(member, 2)]);
    expect(await at(1, 30_000)).toEqual([1, 0]);
    await stage.produce([trial(member, 3)]);
    expect(await at(1, 30_010)).toEqual([2, 10]);

    const next = await stage.consume();
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3]));
    await next.stop();
    expect(await at(1, 30_020)).toEqual([0, 0]);
  });

  it('is told too where nobody has ever taken the lane', async () => {
    const watch = new LagWatch(stage.database, admin, stage.topics.name);
    await stage.produce(trials(memberIn(2), 5));
    await watch.read([TOPIC], 0);
    const lags = await watch.read([TOPIC], 7_000);
    expect(lags.find(({ lane }) => lane === 2)).toMatchObject({ nextOffset: 0, messages: 5, seconds: 7 });
    expect(lags.find(({ lane }) => lane === 3)).toMatchObject({ messages: 0, seconds: 0 });
  });
});
