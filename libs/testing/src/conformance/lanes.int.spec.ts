import { eventually } from '../eventually.js';
import { between, door, Stage } from './fixture.js';
import { setGroupOffset } from './foreign-client.js';
import { memberIn, membersIn, ROOM, trial, trials, type Effect } from './trial.js';

/** Every event of every member once, and each member's in its order. */
function expectOnceInOrder(effects: readonly Effect[], members: readonly string[], count: number): void {
  const expected = Array.from({ length: count }, (_, index) => index + 1);
  for (const member of members) {
    const numbers = effects.filter(({ key }) => key.endsWith(`:${member}`)).map(({ n }) => n);
    expect([member, numbers]).toEqual([member, expected]);
  }
}

describe('lanes', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.rest());
  afterAll(() => stage.close());

  it('takes a lane when its first batch comes, and every taking raises the epoch by one', async () => {
    const member = memberIn(0, 'lazy');
    for (const epoch of [1, 2, 3]) {
      const consumer = await stage.consume();
      await stage.produce([trial(member, epoch)]);
      await eventually(async () =>
        expect(await stage.position(0)).toMatchObject({ epoch, nextOffset: epoch, owner: 'owner' }),
      );
      expect(await stage.position(1)).toBeUndefined();
      await consumer.stop();
    }
    expect(await stage.numbersOf(member)).toEqual([1, 2, 3]);
  });

  it('shares the lanes with a second instance, and gives them all back when it goes', async () => {
    const members = Array.from({ length: 12 }, (_, lane) => memberIn(lane, 'shared'));
    const count = 60;
    const stream = async (from: number, to: number): Promise<void> => {
      for (let number = from; number <= to; number += 5)
        await stage.produce(members.flatMap((member) => trials(member, 5, number)));
    };
    const first = await stage.consume({ owner: 'first' });
    await stream(1, 20);
    const second = await stage.consume({ owner: 'second' });
    await stream(21, 40);
    await eventually(async () =>
      expect(new Set((await stage.effects()).map(({ owner }) => owner))).toContain('second'),
    );
    await second.stop();
    await stream(41, count);

    await eventually(async () => {
      const effects = (await stage.effects()).filter(({ key }) => key.includes('shared'));
      expect(effects.length).toBeGreaterThanOrEqual(members.length * count);
    });
    expectOnceInOrder(await stage.effects(), members, count);
    expect([...first.crashes, ...second.crashes, ...first.alarms, ...second.alarms]).toEqual([]);
  });

  it('takes its lanes anew when the group has a new generation, and does not find out by a failure', async () => {
    const lane = 8;
    const member = memberIn(lane, 'anew');
    let join: () => void = () => undefined;
    const consumer = await stage.consume({
      client: between(stage.topics.client, async (batch, control, pass, rejoin) => {
        join = rejoin;
        await pass(batch, control);
      }),
    });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    const epoch = (await stage.position(lane))?.epoch ?? 0;
    // Somebody else has had the lane for a while, and has found nothing to do there.
    const other = await stage.consume({ owner: 'other', group: '-other' });
    const taken = { owner: 'other', epoch: epoch + 1 };
    await eventually(async () => expect(await stage.position(lane)).toMatchObject(taken));
    await other.stop();
    join();
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(await stage.position(lane)).toMatchObject({ owner: 'owner', epoch: epoch + 2 });
    expect(consumer.failures).toEqual([]);
  });

  it('lets a former owner write nothing, though nobody has moved the position since', async () => {
    const lane = 3;
    const member = memberIn(lane, 'former');
    const held = door();
    const former = await stage.consume({
      owner: 'former',
      client: between(stage.topics.client, async (batch, control, pass) => {
        if (batch.partition === lane && batch.messages.some(({ value }) => value?.includes('"held"')))
          await held.pass();
        await pass(batch, control);
      }),
    });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    const owned = await stage.position(lane);
    await stage.produce([trial(member, 2, 'held')]);
    await held.reached;

    // Another owner takes the lane and gets no further: the offsets still agree, only the epoch tells.
    const next = await stage.consume({
      owner: 'next',
      group: '-next',
      client: between(stage.topics.client, async (batch, control, pass) => {
        if (batch.partition !== lane) return;
        const known = batch.messages.filter(({ offset }) => offset < (owned?.nextOffset ?? 0));
        await pass({ ...batch, messages: known, nextOffset: owned?.nextOffset ?? 0 }, control);
        control.pauseFor(60_000);
      }),
    });
    await eventually(async () =>
      expect(await stage.position(lane)).toMatchObject({ owner: 'next', epoch: (owned?.epoch ?? 0) + 1 }),
    );
    await next.stop();
    held.open();

    await eventually(() => expect(former.failures).toHaveLength(1));
    expect(former.failures[0]?.error).toMatchObject({ name: 'LaneLost' });
    // It has to take the lane again like everybody else.
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(await stage.position(lane)).toMatchObject({ owner: 'former', epoch: (owned?.epoch ?? 0) + 2 });
  });

  it('applies everything once and in order though two owners of every lane fight over it', async () => {
    const members = membersIn(4, 3, 'fought').concat(membersIn(5, 3, 'fought'));
    const count = 40;
    const settings = { before: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const [first, second] = await Promise.all([
      stage.consume({ ...settings, owner: 'first', group: '-one' }),
      stage.consume({ ...settings, owner: 'second', group: '-two' }),
    ]);
    for (let number = 1; number <= count; number += 2)
      await stage.produce(members.flatMap((member) => trials(member, 2, number)));
    await eventually(async () => {
      const effects = (await stage.effects()).filter(({ key }) => key.includes('fought'));
      expect(effects.length).toBeGreaterThanOrEqual(members.length * count);
    });
    expectOnceInOrder(await stage.effects(), members, count);
    expect([...first.alarms, ...second.alarms, ...(await stage.parked())]).toEqual([]);
  });

  it('does not repeat anything when the group is reset to the beginning of the topic', async () => {
    const member = memberIn(6, 'reset');
    const before = await stage.consume({ group: '-reset' });
    await stage.produce(trials(member, 3));
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2, 3]));
    await before.stop();

    // What this client commits itself when it was sent past the end.
    await setGroupOffset(stage.topics.name(`${ROOM}-reset`), stage.topics.name('purchase-events'), [6], -2);
    const after = await stage.consume({ group: '-reset' });
    await stage.produce([trial(member, 4)]);
    await eventually(async () => expect((await stage.numbersOf(member)).length).toBe(4));
    // The position, not the group's offset, says where to go on: the inbox had nothing to suppress.
    expect(after.committed.reduce((sum, { repetitions }) => sum + repetitions, 0)).toBe(0);
    expect(after.alarms).toEqual([]);
    expect(await stage.numbersOf(member)).toEqual([1, 2, 3, 4]);
  });

  it('does not take an innocent event for a killer because the group moved on again and again', async () => {
    const lane = 7;
    const member = memberIn(lane, 'stale');
    let stale = 0;
    const consumer = await stage.consume({
      client: between(stage.topics.client, async (batch, control, pass, rejoin) => {
        const isDisturbed = batch.partition === lane && stale < 6;
        if (isDisturbed) stale += 1;
        await pass(batch, isDisturbed ? { ...control, isCurrent: () => false } : control);
        if (isDisturbed) rejoin();
      }),
    });
    await stage.produce([trial(member, 1)]);
    await eventually(() => expect(consumer.committed.length).toBeGreaterThan(0));
    expect(stale).toBe(6);
    expect(await stage.parked()).toEqual([]);
    expect(await stage.numbersOf(member)).toEqual([1]);
    expect(consumer.crashes).toEqual([]);
  });
});
