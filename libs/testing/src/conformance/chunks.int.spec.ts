import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { foreignProduce } from './foreign-client.js';
import { memberIn, trial, trials } from './trial.js';

describe('cutting what was fetched into chunks', () => {
  let stage: Stage;
  let bytes: number[];

  beforeAll(async () => {
    stage = await Stage.create();
  });
  beforeEach(() => {
    bytes = [];
  });
  afterEach(() => stage.rest());
  afterAll(() => stage.close());

  const consume = () =>
    stage.consume({
      before: ({ events }) =>
        void bytes.push(events.reduce((sum, { data }) => sum + (data.note?.length ?? 0), 0)),
    });
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('cuts by count', async () => {
    const member = memberIn(0);
    await stage.produce(trials(member, 2_500));
    const consumer = await consume();
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(2_500)));
    const sizes = consumer.committed.map(({ events }) => events);
    expect(Math.max(...sizes)).toBe(1_000);
    expect(sizes.length).toBeLessThan(6);
  });

  it('cuts by bytes', async () => {
    const member = memberIn(1);
    const fat = 'y'.repeat(300_000);
    // Compressed, so that one fetch brings them all.
    await foreignProduce(
      stage.topics.name('purchase-events'),
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ ...trial(member, number, fat), partition: 1 })),
      { gzip: true },
    );
    const consumer = await consume();
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(8)));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(1_048_576);
    expect(consumer.committed.map(({ events }) => events)).toEqual([3, 3, 2]);
  });

  it('bounds the chunks of one compressed fetch that holds very many messages', async () => {
    const member = memberIn(2);
    await foreignProduce(
      stage.topics.name('purchase-events'),
      trials(member, 12_000).map((message) => ({ ...message, partition: 2 })),
      { gzip: true },
    );
    const consumer = await consume();
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual(numbers(12_000)));
    expect(Math.max(...consumer.committed.map(({ events }) => events))).toBe(1_000);
  });
});
