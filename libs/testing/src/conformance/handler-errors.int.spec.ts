import { NotThereYet, SystemicFailure } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { Stage, type TrialConsumer } from './fixture.js';
import { aSeen, envelope, keyOf, memberIn, membersIn, trial, trials } from './trial.js';

const infrastructure = (code: string): Error => Object.assign(new Error('the database is away'), { code });

describe('errors of a handler', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const causes = async (): Promise<(string | null)[][]> =>
    (await stage.parked()).map(({ key, reason }) => [key, reason]);

  it.each(['40001', '57P01', 'ECONNRESET'])(
    'tries again after %s, without parking anything, while the other lanes flow',
    async (code) => {
      const [broken, healthy] = [memberIn(0), memberIn(1)];
      let isAway = true;
      const consumer = await stage.consume({
        before: ({ lane }) => {
          if (lane === 0 && isAway) throw infrastructure(code);
        },
      });
      await stage.produce(trials(broken, 3));
      await eventually(() => expect(consumer.failures.length).toBeGreaterThanOrEqual(1));
      for (const number of [1, 2, 3]) {
        await stage.produce([trial(healthy, number)]);
        await eventually(async () => expect(await stage.numbersOf(healthy)).toEqual(numbers(number)));
      }
      await eventually(() => expect(consumer.failures.length).toBeGreaterThanOrEqual(2));
      expect(await stage.numbersOf(broken)).toEqual([]);
      isAway = false;

      await eventually(async () => expect(await stage.numbersOf(broken)).toEqual([1, 2, 3]));
      expect(consumer.failures.map(({ attempt }) => attempt)).toEqual(numbers(consumer.failures.length));
      // To rest between two attempts, instead of asking thousands of times a second.
      for (const { retryInMs } of consumer.failures) expect(retryInMs).toBeGreaterThanOrEqual(100);
      expect([...consumer.crashes, ...(await stage.parked())]).toEqual([]);
    },
  );

  it('waits longer from time to time, also in a lane that first looks at its last event', async () => {
    const member = memberIn(0);
    let isAway = false;
    const triedAt: number[] = [];
    const consumer = await stage.consume({
      before: () => {
        if (!isAway) return;
        triedAt.push(performance.now());
        throw infrastructure('57P01');
      },
    });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    isAway = true;
    await stage.produce([trial(member, 2)]);
    await eventually(() => expect(consumer.failures.length).toBeGreaterThanOrEqual(4));
    isAway = false;
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    const failures = consumer.failures.slice(0, 4);
    expect(failures.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    // It does rest for as long as it says. A timer may be early by less than a millisecond.
    for (const [index, { retryInMs }] of failures.slice(0, 3).entries())
      expect((triedAt[index + 1] ?? 0) - (triedAt[index] ?? 0)).toBeGreaterThan(retryInMs - 5);
  });

  it.each([
    ['TypeError', () => new TypeError('x is undefined'), 'TypeError: x is undefined'],
    ['RangeError', () => new RangeError('too deep'), 'RangeError: too deep'],
    ['an object that is not retriable', () => ({ retriable: false, message: 'no' }), '[object Object]'],
    ['a refused row', () => infrastructure('23514'), 'Error: the database is away'],
  ])(
    'parks the key of the one event that raises %s, and applies all the others once',
    async (_, raise, reason) => {
      const [a = '', b = '', c = ''] = membersIn(2, 3);
      const consumer = await stage.consume({
        before: ({ events }) => {
          if (events.some(({ data }) => data.note === 'bad')) throw raise();
        },
      });
      const relay = stage.relay();
      await stage.produce([
        ...[trial(a, 1), trial(b, 1), trial(a, 2, 'bad'), trial(c, 1), trial(a, 3), trial(b, 2)],
        ...trials(c, 5, 2),
      ]);
      await eventually(async () => expect(await stage.numbersOf(c)).toEqual(numbers(6)));
      await stage.produce([trial(b, 3), trial(a, 4)]);
      await eventually(async () => expect(await stage.parked()).toHaveLength(3));

      expect(await stage.numbersOf(a)).toEqual([1]);
      expect(await stage.numbersOf(b)).toEqual([1, 2, 3]);
      expect(await causes()).toEqual([
        [keyOf(a), reason],
        [keyOf(a), null],
        [keyOf(a), null],
      ]);
      expect(consumer.crashes).toEqual([]);
      await eventually(async () => {
        const copies = (await stage.topics.read('purchase-events.dlq')).map(({ value }) => String(value));
        expect(copies.map((copy) => JSON.parse(copy) as unknown)).toEqual([
          {
            consumer_group: 'conformance',
            topic: 'purchase-events',
            partition: 2,
            offset: 2,
            key: keyOf(a),
            reason,
            value_base64: Buffer.from(trial(a, 2, 'bad').value).toString('base64'),
          },
        ]);
      });
      await relay.stop();
    },
  );

  it('finds two bad events among a thousand, and applies the rest once and in order', async () => {
    const members = membersIn(3, 10);
    const all = Array.from({ length: 100 }, (_, index) =>
      members.map((member, who) => trial(member, index + 1, who < 2 && index === 49 ? 'bad' : undefined)),
    ).flat();
    const consumer = await stage.consume({
      before: ({ events }) => {
        if (events.some(({ data }) => data.note === 'bad')) throw new TypeError('one in five hundred');
      },
    });
    await stage.produce(all);
    await eventually(async () => expect(await stage.position(3)).toMatchObject({ nextOffset: 1_000 }));
    for (const [who, member] of members.entries())
      expect(await stage.numbersOf(member)).toEqual(numbers(who < 2 ? 49 : 100));
    expect((await stage.parked()).filter(({ reason }) => reason !== null)).toHaveLength(2);
    expect(await stage.parked()).toHaveLength(2 * 51);
    expect(consumer.crashes).toEqual([]);
  });

  it('waits for what is not there yet, and parks only when its patience is over', async () => {
    const [late, never] = [memberIn(4), memberIn(5)];
    const settings = new Set<number>();
    let askedFirst = Infinity;
    const consumer = await stage.consume({
      before: ({ lane }) => {
        askedFirst = Math.min(askedFirst, performance.now());
        if (!settings.has(lane))
          throw new NotThereYet(`settings ${lane}`, 1_500, `no settings of ${lane} yet`);
      },
    });
    await stage.produce([trial(late, 1), trial(never, 1)]);
    await eventually(() => expect(new Set(consumer.failures.map(({ lane }) => lane)).size).toBe(2));
    expect(await stage.parked()).toEqual([]);
    settings.add(4);

    await eventually(async () => expect(await stage.numbersOf(late)).toEqual([1]));
    await eventually(async () =>
      expect(await causes()).toEqual([[keyOf(never), 'NotThereYet: no settings of 5 yet']]),
    );
    expect(performance.now() - askedFirst).toBeGreaterThanOrEqual(1_500);
  });

  it('parks the event whose answer is too large to be published', async () => {
    const [small = '', large = ''] = membersIn(6, 2);
    const consumer = await stage.consume({
      handle: ({ events }) =>
        Promise.resolve(
          events.map(({ id, key, data }) => {
            const answer = aSeen(id, key, data.n);
            return data.note === 'large'
              ? { ...answer, data: { ...(answer.data as object), note: 'y'.repeat(1_000_001) } }
              : answer;
          }),
        ) as never,
    });
    await stage.produce([trial(small, 1), trial(large, 1, 'large'), trial(small, 2)]);
    await eventually(async () => expect(await stage.position(6)).toMatchObject({ nextOffset: 3 }));
    expect(await stage.parked()).toMatchObject([
      { key: keyOf(large), reason: expect.stringMatching(/^EventTooLarge: /) as string },
    ]);
    expect(consumer.crashes).toEqual([]);
  });

  describe('that are not about one event', () => {
    const stopsAt = async (consumer: TrialConsumer, lane: number, message: RegExp): Promise<void> => {
      await eventually(() => expect(consumer.systemic.length).toBeGreaterThan(0));
      expect(String(consumer.systemic[0])).toMatch(message);
      expect(await stage.position(lane)).toMatchObject({ nextOffset: 0 });
      expect(await stage.parked()).toEqual([]);
      expect(await stage.effects()).toEqual([]);
    };

    it('stop the consumer before a newer major version, with nothing parked', async () => {
      const member = memberIn(7);
      const consumer = await stage.consume();
      const newer = { ...envelope(member, 'x', { n: 1 }), type: 'kizuna.trial.made.v2' };
      await stage.produce([trial(member, 1), { key: keyOf(member), value: JSON.stringify(newer) }]);
      await stopsAt(consumer, 7, /kizuna\.trial\.made\.v2 is newer than this service/);
    });

    it.each([
      ['a missing table', infrastructure('42P01')],
      ['a refused password', infrastructure('28P01')],
      ['a failure that says so', new SystemicFailure('the key is missing')],
    ])('stop the consumer at %s, with nothing parked', async (_, error) => {
      const consumer = await stage.consume({
        before: () => {
          throw error;
        },
      });
      await stage.produce(trials(memberIn(8), 20));
      await stopsAt(consumer, 8, /away|missing/);
    });
  });

  it('skips and counts a type that nobody asked for, and ignores an optional field that it does not know', async () => {
    const member = memberIn(9);
    const consumer = await stage.consume();
    const other = { ...envelope(member, 'other', { n: 1 }), type: 'kizuna.trial.other.v1' };
    const wider = { ...envelope(member, 'wider', { n: 2, colour: 'red' }), colour: 'red' };
    await stage.produce([other, wider].map((one) => ({ key: keyOf(member), value: JSON.stringify(one) })));
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([2]));
    expect(consumer.committed.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(1);
    expect(await stage.parked()).toEqual([]);
  });
});
