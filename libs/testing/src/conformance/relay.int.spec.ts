import pg from 'pg';
import { appendToOutbox, relayProgress, type Producer } from '@kizuna/messaging';
import { eventually, times } from '../eventually.js';
import { door, Stage } from './fixture.js';
import { aSeen, keyOf, memberIn, membersIn, PROGRAM, ROOM } from './trial.js';
import { startWorker } from './worker-process.js';

const lanes = Array.from({ length: 12 }, (_, lane) => lane);
const FAT = 'y'.repeat(210_000);

describe('the relay', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  const append = (key: string, number: number, thenWaitsMs = 0): Promise<void> =>
    stage.database.transaction(async (tx) => {
      await appendToOutbox(tx, '/trials', [aSeen(`${key}/${number}`, key, number)]);
      if (thenWaitsMs > 0) await tx.query('SELECT pg_sleep($1)', [thenWaitsMs / 1_000]);
    });
  const appendAll = async (key: string, from: number, to: number): Promise<void> => {
    for (let number = from; number <= to; number += 1) await append(key, number);
  };
  /** The sequences of a key as they lie in the topic. */
  const sequences = async (key: string): Promise<number[]> =>
    (await stage.topics.read('award-events'))
      .filter((message) => message.key === key)
      .map(({ value }) => (JSON.parse(String(value)) as { data: { sequence: number } }).data.sequence);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const owners = async (): Promise<Set<string | null>> =>
    new Set((await relayProgress(stage.database)).map(({ owner }) => owner));
  const cursorOf = async (lane: number): Promise<number> =>
    (await relayProgress(stage.database)).find((progress) => progress.lane === lane)?.cursor ?? 0;
  const lapse = (): Promise<unknown> =>
    stage.database.query(`UPDATE relay_lane SET lease_until = now() - interval '1 second'`);

  it('publishes everything that is committed, each key in its order, while 12 writers work', async () => {
    const keys = membersIn(0, 2).concat(membersIn(1, 2), membersIn(2, 2)).map(keyOf);
    const { relay, errors } = stage.relay();
    await times(12, async (writer) => {
      for (let round = 0; round < 30; round += 1) {
        const key = keys[(writer + round) % keys.length] ?? '';
        // A commit that comes later than its append is what a cursor over ids would step over.
        await append(key, writer * 100 + round, (writer * 7 + round * 3) % 10);
        relay.wake();
      }
    });
    await eventually(async () => {
      for (const { cursor, lastOutboxId } of await relayProgress(stage.database))
        expect(cursor).toBe(lastOutboxId);
    });
    for (const key of keys) expect(await sequences(key)).toEqual(upTo(60));
    expect(errors).toEqual([]);
  });

  it('has one owner for every lane; a second one takes over when the first was killed', async () => {
    const key = keyOf(memberIn(3));
    const first = startWorker(stage, { role: 'relay', owner: 'first' });
    await first.says('started');
    await eventually(async () => expect(await owners()).toEqual(new Set(['first'])));
    stage.relay({ owner: 'second' });
    await appendAll(key, 1, 10);
    await eventually(async () => expect(await cursorOf(3)).toBeGreaterThan(0));
    expect(await owners()).toEqual(new Set(['first']));

    await first.kill();
    await appendAll(key, 11, 20);

    await eventually(async () => expect(await owners()).toEqual(new Set(['second'])));
    await eventually(async () => expect(new Set(await sequences(key))).toEqual(new Set(upTo(20))));
    expect(firstOccurrences(await sequences(key))).toEqual(upTo(20));
  });

  it('that slept past its lease can only repeat what was sent: the cursor is no longer its to move', async () => {
    const key = keyOf(memberIn(4));
    await refuseFallingCursors(stage.urls.ownerUrl);
    const asleep = door();
    let sends = 0;
    const real = stage.topics.client.producer();
    const drowsy: Producer = {
      ...real,
      send: async (messages) => {
        sends += 1;
        if (sends === 2) await asleep.pass();
        await real.send(messages);
      },
    };
    const first = stage.relay({ owner: 'first', producer: drowsy });
    await append(key, 1);
    await eventually(async () => expect(await sequences(key)).toEqual([1]));
    await appendAll(key, 2, 4);
    await asleep.reached;

    await lapse();
    const second = stage.relay({ owner: 'second' });
    await eventually(async () => expect(await sequences(key)).toEqual([1, 2, 3, 4]));
    await appendAll(key, 5, 6);
    await eventually(async () => expect(await sequences(key)).toEqual(upTo(6)));
    const cursor = await cursorOf(4);
    asleep.open();

    // It repeats its send, tries to move the cursor, and ends.
    await eventually(async () => expect((await sequences(key)).length).toBeGreaterThan(6));
    await first.stop();
    expect(await cursorOf(4)).toBe(cursor);
    expect(first.errors).toEqual([]);
    await appendAll(key, 7, 8);
    await eventually(async () => expect(await sequences(key)).toContain(8));
    expect(firstOccurrences(await sequences(key))).toEqual(upTo(8));
    expect(await cursorOf(4)).toBeGreaterThan(cursor);
    expect(await owners()).toEqual(new Set(['second']));
    await second.stop();
  });

  it('sends again what was not acknowledged, and goes on in order', async () => {
    const key = keyOf(memberIn(5));
    let refusals = 2;
    const real = stage.topics.client.producer();
    const { errors } = stage.relay({
      producer: {
        ...real,
        send: async (messages) => {
          await real.send(messages);
          refusals -= 1;
          if (refusals >= 0) throw new Error('the acknowledgement was lost');
        },
      },
    });
    await appendAll(key, 1, 3);
    await eventually(async () => expect(await cursorOf(5)).toBeGreaterThan(0));
    await appendAll(key, 4, 6);
    await eventually(async () => expect(new Set(await sequences(key))).toEqual(new Set(upTo(6))));
    expect(firstOccurrences(await sequences(key))).toEqual(upTo(6));
    expect(errors.map(String)).toEqual(Array(2).fill('Error: the acknowledgement was lost'));
  });

  it('publishes a backlog of large rows in rounds of few bytes, and moves its cursor after each', async () => {
    const rows = 8;
    for (let number = 1; number <= rows; number += 1)
      await stage.database.transaction((tx) =>
        appendToOutbox(
          tx,
          '/trials',
          lanes.map((lane) => aSeen(`${lane}/${number}`, keyOf(memberIn(lane)), number, PROGRAM, FAT)),
        ),
      );
    const rounds: { readonly bytes: number; readonly behind: number }[] = [];
    const real = stage.topics.client.producer();
    const { relay, errors } = stage.relay({
      producer: {
        ...real,
        send: async (messages) => {
          const cursors = (await relayProgress(stage.database)).map(({ cursor }) => cursor);
          rounds.push({
            bytes: messages.reduce((sum, { value }) => sum + value.length, 0),
            behind: Math.min(...cursors),
          });
          await real.send(messages);
        },
      },
    });
    for (const lane of lanes) await eventually(async () => expect(await cursorOf(lane)).toBe(lastIdOf(lane)));
    await relay.stop();
    expect(errors).toEqual([]);
    for (const { bytes } of rounds) expect(bytes).toBeLessThan(2_000_000);
    // No lane waits until another one is done.
    expect(rounds.at(-2)?.behind).toBeGreaterThan(0);
    for (const lane of lanes) expect(await sequences(keyOf(memberIn(lane)))).toEqual(upTo(rows));
    function lastIdOf(lane: number): number {
      return (rows - 1) * lanes.length + lane + 1;
    }
  });

  it('finishes the send under way when it stops, and gives its lanes back at once', async () => {
    const key = keyOf(memberIn(6));
    const held = door();
    const real = stage.topics.client.producer();
    const { stop } = stage.relay({
      owner: 'first',
      producer: {
        ...real,
        send: async (messages) => {
          await held.pass();
          await real.send(messages);
        },
      },
    });
    await append(key, 1);
    await held.reached;
    const stopped = stop();
    held.open();
    await stopped;
    expect(await owners()).toEqual(new Set([null]));
    expect(await sequences(key)).toEqual([1]);
    expect(await cursorOf(6)).toBeGreaterThan(0);

    stage.relay({ owner: 'second' });
    await append(key, 2);
    await eventually(async () => expect(await sequences(key)).toEqual([1, 2]));
  });

  it('keeps its lease when the clock of its machine is set back', async () => {
    const now = Date.now;
    const key = keyOf(memberIn(7));
    const { errors } = stage.relay();
    await append(key, 1);
    await eventually(async () => expect(await sequences(key)).toEqual([1]));
    Date.now = () => now() - 600_000;
    try {
      await lapse();
      await append(key, 2);
      await eventually(async () => expect(await sequences(key)).toEqual([1, 2]));
    } finally {
      Date.now = now;
    }
    expect(errors).toEqual([]);
  });
});

/** A cursor that falls and is moved on again would be seen by nobody who only looks now and then. */
async function refuseFallingCursors(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`
    SET search_path = ${ROOM};
    CREATE FUNCTION refuse_falling_cursor() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'the cursor of lane % falls from % to %', old.lane, old.cursor, new.cursor; END $$;
    CREATE TRIGGER falling_cursor BEFORE UPDATE ON relay_lane FOR EACH ROW
      WHEN (new.cursor < old.cursor) EXECUTE FUNCTION refuse_falling_cursor();`);
  await owner.end();
}

function firstOccurrences(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}
