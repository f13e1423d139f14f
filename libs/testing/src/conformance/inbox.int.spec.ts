import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { envelope, keyOf, memberIn, membersIn, trial, trials } from './trial.js';

describe('the inbox', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.rest());
  afterAll(() => stage.close());

  const other = (member: string, number: number, changed: number) => ({
    key: keyOf(member),
    value: JSON.stringify(envelope(member, `${member}-${number}`, { n: changed })),
  });
  const seen = async (member: string): Promise<[number, boolean][]> =>
    (await stage.effects())
      .filter(({ key }) => key === keyOf(member))
      .map(({ n, isConflict }) => [n, isConflict]);

  it('drops a repetition, in the same chunk and in a later one, and says how many', async () => {
    const member = memberIn(0);
    const consumer = await stage.consume();
    await stage.produce([trial(member, 1), trial(member, 1), trial(member, 2), trial(member, 1)]);
    await eventually(async () =>
      expect(await seen(member)).toEqual([
        [1, false],
        [2, false],
      ]),
    );
    await stage.produce([trial(member, 2), trial(member, 3)]);
    await eventually(async () =>
      expect(await seen(member)).toEqual([
        [1, false],
        [2, false],
        [3, false],
      ]),
    );
    expect(consumer.committed.reduce((sum, { repetitions }) => sum + repetitions, 0)).toBe(3);
  });

  it('takes the same id with other content for a conflict that blocks nobody, in the same chunk and later', async () => {
    const member = memberIn(1);
    await stage.consume();
    await stage.produce([trial(member, 1), other(member, 1, 99), trial(member, 2)]);
    await eventually(async () =>
      expect(await seen(member)).toEqual([
        [1, false],
        [99, true],
        [2, false],
      ]),
    );
    await stage.produce([other(member, 2, 98), trial(member, 3)]);
    await eventually(async () =>
      expect((await seen(member)).slice(3)).toEqual([
        [98, true],
        [3, false],
      ]),
    );
    expect(await stage.parked()).toEqual([]);
  });

  it('knows what was claimed on another day', async () => {
    const member = memberIn(2);
    const first = await stage.consume();
    await stage.produce(trials(member, 2));
    await eventually(async () => expect(await seen(member)).toHaveLength(2));
    await first.stop();
    // As if they had come yesterday: the row moves into that day's partition.
    const owner = await stage.connect(stage.urls.ownerUrl);
    await owner.query(`UPDATE inbox SET claimed_at = claimed_at - interval '1 day' WHERE event_id LIKE $1`, [
      `${member}-%`,
    ]);
    const [parts] = await owner.query<{ count: string }>(
      'SELECT count(DISTINCT tableoid) AS count FROM inbox',
    );
    expect(Number(parts?.count)).toBe(2);

    await stage.consume();
    await stage.produce([trial(member, 1), other(member, 2, 97), trial(member, 3)]);
    await eventually(async () =>
      expect(await seen(member)).toEqual([
        [1, false],
        [2, false],
        [97, true],
        [3, false],
      ]),
    );
  });

  it('takes the id of one member under another for a conflict, in whichever lane it comes', async () => {
    const [a, b] = [memberIn(3), memberIn(4)];
    await stage.consume();
    const same = (member: string) => ({
      key: keyOf(member),
      value: JSON.stringify(envelope(member, 'shared-id', { n: 1, note: member })),
    });
    await stage.produce([same(a)]);
    await eventually(async () => expect(await seen(a)).toEqual([[1, false]]));
    await stage.produce([same(b)]);
    await eventually(async () => expect(await seen(b)).toEqual([[1, true]]));
  });

  it('republished in another order, a topic has no effect a second time', async () => {
    const members = membersIn(5, 4);
    const consumer = await stage.consume();
    const all = members.flatMap((member) => trials(member, 20));
    await stage.produce(all);
    await eventually(async () => expect(await stage.position(5)).toMatchObject({ nextOffset: 80 }));
    await stage.produce(all.filter((_, index) => index % 10 === 3).reverse());
    await eventually(async () => expect(await stage.position(5)).toMatchObject({ nextOffset: 88 }));
    for (const member of members) expect(await stage.numbersOf(member)).toHaveLength(20);
    expect(consumer.committed.reduce((sum, { repetitions }) => sum + repetitions, 0)).toBe(8);
  });
});
