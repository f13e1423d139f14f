import { memberKey } from '@kizuna/kernel';
import { laneOf } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { Stage, type ConsumeSettings, type TrialConsumer } from './fixture.js';
import { keyOf, memberIn, PROGRAM, trial, trials } from './trial.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('chunks of several lanes in one transaction', () => {
  const members = upTo(6).map((lane) => memberIn(lane));
  const [bad = '', ...good] = members;
  let stage: Stage;
  /** So many lanes were in the largest transaction. */
  let most = 0;

  beforeEach(async () => {
    most = 0;
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  const consume = async (before?: ConsumeSettings['before']): Promise<TrialConsumer> => {
    const consumer = await stage.consume({
      before: async (chunk, tx) => {
        most = Math.max(most, new Set(chunk.events.map(({ key }) => laneOf(key))).size);
        await before?.(chunk, tx);
      },
    });
    // What comes first after a lane was taken runs alone.
    await stage.produce(members.map((member) => trial(member, 1)));
    await everyone(members, 1);
    return consumer;
  };
  const everyone = async (list: readonly string[], count: number): Promise<void> => {
    for (const member of list)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(count)));
  };
  /** Sends until a fetch has brought several lanes at once; answers how many events each member has then. */
  const sendUntilJoint = async (): Promise<number> => {
    for (let sent = 1; ; sent += 5) {
      await stage.produce(members.flatMap((member) => trials(member, 5, sent + 1)));
      await everyone(members, sent + 5);
      if (most > 1) return sent + 5;
    }
  };

  it('leave every effect once and in order', async () => {
    expect(memberKey(PROGRAM, bad)).toBe(keyOf(bad));
    const consumer = await consume();
    const count = await sendUntilJoint();
    await stage.produce(members.flatMap((member) => [trial(member, count), trial(member, count + 1)]));
    await everyone(members, count + 1);
    expect(consumer.failures).toEqual([]);
    expect(consumer.committed.reduce((sum, { repetitions }) => sum + repetitions, 0)).toBe(6);
    for (const index of members.keys())
      expect(await stage.position(index + 1)).toMatchObject({ nextOffset: count + 2 });
  });

  it('come apart where one of them fails: its key is parked, and of the others nothing is lost or done twice', async () => {
    const consumer = await consume(({ events }) => {
      if (events.some(({ data }) => data.note === 'bad')) throw new TypeError('a fault of the room');
      return Promise.resolve();
    });
    const count = await sendUntilJoint();
    await stage.produce(
      members.flatMap((member) => [
        trial(member, count + 1, member === bad ? 'bad' : undefined),
        trial(member, count + 2),
      ]),
    );
    await everyone(good, count + 2);
    await everyone([bad], count);
    await eventually(async () =>
      expect((await stage.parked()).map(({ key }) => key)).toEqual([keyOf(bad), keyOf(bad)]),
    );
    // The lane with a parked key goes on alone.
    await stage.produce(members.map((member) => trial(member, count + 3)));
    await everyone(good, count + 3);
    await eventually(async () => expect(await stage.parked()).toHaveLength(3));
    expect(consumer.systemic).toEqual([]);
  });

  it('stop together where one of them has another owner: nothing of it stands', async () => {
    const consumer = await consume();
    const count = await sendUntilJoint();
    await stage.database.query('UPDATE lane_position SET epoch = epoch + 1 WHERE lane = 3');
    await stage.produce(members.flatMap((member) => trials(member, 3, count + 1)));
    await everyone(members, count + 3);
    expect(consumer.failures.map(({ lane }) => lane)).toEqual([3]);
    expect(await stage.parked()).toEqual([]);
  });
});
