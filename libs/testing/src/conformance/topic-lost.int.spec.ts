import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import {
  abortedTransaction,
  changeTopic,
  deleteRecordsBelow,
  foreignProduce,
  recreateTopic,
} from './foreign-client.js';
import { envelope, keyOf, memberIn, trial, trialKept, trials } from './trial.js';

const LANES = 12;

describe('a topic that is not what it was', () => {
  let stage: Stage;
  let topic: string;

  beforeEach(async () => {
    stage = await Stage.create();
    topic = stage.topics.name('purchase-events');
  });
  afterEach(() => stage.close());

  const handled = async (member: string, count: number): Promise<void> => {
    const consumer = await stage.consume();
    await stage.produce(trials(member, count));
    await eventually(async () => expect(await stage.numbersOf(member)).toHaveLength(count));
    await consumer.stop();
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('notices under a running consumer that a topic was made anew, and loses nothing of the new one', async () => {
    const member = memberIn(0);
    const consumer = await stage.consume();
    await stage.produce(trials(member, 5));
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(5)));

    await recreateTopic(topic, LANES);
    // The client was sent past the end and restarts at the beginning, in silence.
    await stage.produce([trial(member, 6)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(6)));
    // Two events come a second time.
    await stage.produce([trial(member, 4), trial(member, 5), ...trials(member, 27, 7)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(33)));
    expect(consumer.alarms).toEqual([{ kind: 'topic_recreated', topic: 'purchase-events', lane: 0 }]);
    expect(consumer.crashes).toEqual([]);
    expect(await stage.position(0)).toMatchObject({ nextOffset: 30 });
  });

  it('recognises by the id of its last event that a topic as long as before is another one', async () => {
    const member = memberIn(1);
    await handled(member, 3);

    await recreateTopic(topic, LANES);
    await stage.produce(trials(member, 6, 4));
    const consumer = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(9)));
    expect(consumer.alarms).toEqual([{ kind: 'topic_recreated', topic: 'purchase-events', lane: 1 }]);
  });

  it('recognises it too by a last message that nobody can read', async () => {
    const member = memberIn(6);
    const odd = { key: null, value: 'x', partition: 6 };
    const reached = (nextOffset: number): Promise<void> =>
      eventually(async () => expect(await stage.position(6)).toMatchObject({ nextOffset }));
    const first = await stage.consume();
    await stage.produce(trials(member, 2));
    await foreignProduce(topic, [odd]);
    await reached(3);
    await first.stop();
    await foreignProduce(topic, [odd]);
    const second = await stage.consume();
    await reached(4);
    await second.stop();
    expect(second.alarms).toEqual([]);

    await recreateTopic(topic, LANES);
    await stage.produce(trials(member, 6, 3));
    const third = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(8)));
    expect(third.alarms).toEqual([{ kind: 'topic_recreated', topic: 'purchase-events', lane: 6 }]);
  });

  it('recognises it too behind what a transaction has taken back', async () => {
    const member = memberIn(7);
    const readNothing = { key: keyOf(member), value: 'x', partition: 7 };
    await handled(member, 2);
    await abortedTransaction(topic, [readNothing, readNothing]);
    const second = await stage.consume({ group: '-second' });
    await eventually(async () => expect(await stage.position(7)).toMatchObject({ nextOffset: 5 }));
    await second.stop();
    expect(second.alarms).toEqual([]);

    await recreateTopic(topic, LANES);
    await stage.produce(trials(member, 6, 3));
    const third = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(8)));
    expect(third.alarms).toEqual([{ kind: 'topic_recreated', topic: 'purchase-events', lane: 7 }]);
  });

  it('starts over when the topic ends before its position', async () => {
    const member = memberIn(2);
    await handled(member, 5);

    await recreateTopic(topic, LANES);
    await stage.produce(trials(member, 2, 5));
    const consumer = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(6)));
    expect(consumer.alarms).toEqual([{ kind: 'topic_recreated', topic: 'purchase-events', lane: 2 }]);
    expect(await stage.position(2)).toMatchObject({ nextOffset: 2 });
  });

  it('says how many events were lost unread', async () => {
    const member = memberIn(3);
    await handled(member, 2);
    await stage.produce(trials(member, 10, 3));
    await deleteRecordsBelow(topic, 3, 9);

    const consumer = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 10, 11, 12]));
    expect(consumer.alarms).toEqual([{ kind: 'events_lost', topic: 'purchase-events', lane: 3, count: 7 }]);
  });

  it('raises no alarm when retention has taken exactly what was handled', async () => {
    const member = memberIn(4);
    await handled(member, 4);
    await deleteRecordsBelow(topic, 4, 4);

    const consumer = await stage.consume();
    await stage.produce([trial(member, 5)]);

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(5)));
    expect(consumer.alarms).toEqual([]);
  });

  it('begins where a topic begins that has lost its oldest events before anybody read them', async () => {
    const member = memberIn(5);
    await stage.produce(trials(member, 4));
    await deleteRecordsBelow(topic, 5, 2);

    const consumer = await stage.consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([3, 4]));
    expect(consumer.alarms).toEqual([]);
  });
});

describe('a topic with another number of partitions', () => {
  it('is refused: a key would have another lane than everywhere else', async () => {
    const stage = await Stage.create();
    await recreateTopic(stage.topics.name('purchase-events'), 6);
    await expect(stage.consume()).rejects.toThrow('topics must have 12 partitions');
    await stage.close();
  });
});

describe('a compacted topic', () => {
  let stage: Stage;
  let topic: string;

  beforeEach(async () => {
    stage = await Stage.create();
    topic = stage.topics.name('program-settings');
  });
  afterEach(() => stage.close());

  const kept = (member: string, number: number, note = '') => ({
    key: keyOf(member),
    value: JSON.stringify({
      ...envelope(member, `${member}-${number}`, { n: number, note }),
      type: trialKept.type,
    }),
  });
  const consume = () => stage.consume({ topic: 'program-settings', events: [trialKept] });
  const lane = 0;

  it('is read to its end though most of its offsets are gone', async () => {
    // The first record batch keeps its first message and loses its second; what follows does not fit into one fetch with it.
    await changeTopic(topic, {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0.001',
      'segment.ms': '100',
      'max.compaction.lag.ms': '100',
    });
    const [a = '', b = '', c = ''] = ['a', 'b', 'c'].map((word) => memberIn(lane, word));
    const fat = (kilobytes: number): string => 'y'.repeat(kilobytes * 1_000);
    for (const batch of [
      [kept(b, 1, fat(900)), kept(a, 1, fat(10))],
      [kept(a, 2, fat(400))],
      [kept(a, 3, fat(400))],
    ])
      await foreignProduce(
        topic,
        batch.map((one) => ({ ...one, partition: lane })),
      );
    await eventually(
      async () => {
        // A new segment is made, and the old ones may be compacted, only when something comes.
        await foreignProduce(topic, [{ ...kept(c, 9), partition: lane }]);
        const read = await stage.topics.read('program-settings');
        expect(read.filter(({ value }) => (value?.length ?? 0) > 1_000)).toHaveLength(2);
      },
      { withinMs: 60_000, everyMs: 2_000 },
    );
    const admin = stage.topics.client.admin();
    const mark = (await admin.watermarks(topic)).find(({ partition }) => partition === lane);
    await admin.stop();

    const consumer = await consume();

    await eventually(async () =>
      expect(await stage.position(lane, 'program-settings')).toMatchObject({
        nextOffset: mark?.high,
      }),
    );
    expect(await stage.numbersOf(a)).toEqual([3]);
    expect(await stage.numbersOf(b)).toEqual([1]);
    expect(consumer.alarms).toEqual([]);
  }, 90_000);

  it('is read from its beginning when it was made anew', async () => {
    const member = memberIn(lane);
    const before = await consume();
    await stage.produce(
      [1, 2, 3, 4].map((number) => kept(member, number)),
      'program-settings',
    );
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3, 4]));
    await before.stop();

    await recreateTopic(topic, LANES, { 'cleanup.policy': 'compact' });
    await stage.produce([kept(member, 5)], 'program-settings');
    const consumer = await consume();

    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3, 4, 5]));
    expect(consumer.alarms).toEqual([{ kind: 'topic_recreated', topic: 'program-settings', lane }]);
  });
});
