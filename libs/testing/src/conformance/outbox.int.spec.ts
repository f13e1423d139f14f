import type { EventEnvelope } from '@kizuna/contracts';
import { appendToOutbox, EventTooLarge, outgoing, type OutgoingEvent } from '@kizuna/messaging';
import { instant } from '@kizuna/kernel';
import { times } from '../eventually.js';
import { Stage } from './fixture.js';
import { aSeen, keyOf, MADE_AT, memberIn, membersIn, PROGRAM, trialSeen } from './trial.js';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly lane: number;
  readonly event_count: number;
  readonly events: string;
}

describe('the outbox', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  const append = (events: readonly OutgoingEvent[], thenWaitsMs = 0): Promise<void> =>
    stage.database.transaction(async (tx) => {
      await appendToOutbox(tx, '/trials', events);
      if (thenWaitsMs > 0) await tx.query('SELECT pg_sleep($1)', [thenWaitsMs / 1_000]);
    });
  const rows = (): Promise<Row[]> =>
    stage.database.query<Row>('SELECT id, lane, event_count, events FROM outbox ORDER BY id');
  const eventsOf = ({ events }: Row): EventEnvelope[] =>
    events.split('\n').map((line) => JSON.parse(line.split('\t')[2] ?? '') as EventEnvelope);
  const sequencesOf = async (key: string): Promise<unknown[]> =>
    (await rows())
      .flatMap(eventsOf)
      .filter(({ subject }) => key.endsWith(`:${subject}`))
      .map(({ data }) => (data as { sequence: number }).sequence);

  it('lets no row become visible behind another of its lane, under 12 concurrent writers', async () => {
    const keys = membersIn(0, 2).concat(membersIn(1, 2)).map(keyOf);
    const known = new Map<number, Set<string>>();
    const overtaken: string[] = [];
    let isWriting = true;
    const writers = times(12, async (writer) => {
      for (let round = 0; round < 12; round += 1) {
        const key = keys[(writer + round) % keys.length] ?? '';
        // The longer a writer waits between append and commit, the easier another one would overtake it.
        await append([aSeen(`${writer}-${round}`, key, round)], (writer * 7 + round * 3) % 10);
      }
    }).finally(() => (isWriting = false));

    while (isWriting) {
      const visible = Map.groupBy(await rows(), ({ lane }) => lane);
      for (const [lane, list] of visible) {
        const before = known.get(lane) ?? new Set();
        const last = Math.max(0, ...[...before].map(Number));
        overtaken.push(...list.map(({ id }) => id).filter((id) => Number(id) < last && !before.has(id)));
        known.set(lane, new Set(list.map(({ id }) => id)));
      }
    }
    await writers;

    expect(overtaken).toEqual([]);
    const all = await rows();
    expect(all).toHaveLength(12 * 12);
    for (const key of keys)
      expect(await sequencesOf(key)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
  });

  it('numbers the events of a key without a gap, and a rolled back transaction leaves nothing', async () => {
    const [a = '', b = ''] = membersIn(2, 2).map(keyOf);
    await append([aSeen('1', a, 1), aSeen('2', b, 1), aSeen('3', a, 2)]);
    await expect(
      stage.database.transaction(async (tx) => {
        await appendToOutbox(tx, '/trials', [aSeen('4', a, 3), aSeen('5', b, 2)]);
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    await append([aSeen('6', a, 3)]);

    expect(await sequencesOf(a)).toEqual([1, 2, 3]);
    expect(await sequencesOf(b)).toEqual([1]);
    expect((await rows()).map(({ event_count }) => event_count)).toEqual([3, 1]);
  });

  it('refuses an event that no broker would take, and nothing of its transaction stands', async () => {
    const key = keyOf(memberIn(3));
    const large = {
      ...aSeen('large', key, 2),
      data: { program_id: PROGRAM, n: 2, note: 'y'.repeat(1_000_000) },
    };
    await expect(append([aSeen('small', key, 1), large])).rejects.toThrow(EventTooLarge);
    expect(await rows()).toEqual([]);
    await append([aSeen('small', key, 1)]);
    expect(await sequencesOf(key)).toEqual([1]);
  });

  it('refuses an event that does not fit its contract', async () => {
    const key = keyOf(memberIn(3));
    await expect(append([{ ...aSeen('odd', key, 1), data: { program_id: PROGRAM, n: -1 } }])).rejects.toThrow(
      /kizuna\.trial\.seen\.v1 does not fit its contract/,
    );
    expect(await rows()).toEqual([]);
  });

  it('spreads what is too much for one row over several, in order', async () => {
    const key = keyOf(memberIn(4));
    const fat = (number: number): OutgoingEvent =>
      outgoing({
        contract: trialSeen,
        id: `fat:${number}`,
        key,
        programId: PROGRAM,
        subject: memberIn(4),
        occurredAt: instant(MADE_AT),
        data: { program_id: PROGRAM, n: number, note: 'y'.repeat(400_000) },
      });
    await append([1, 2, 3, 4, 5].map(fat));
    expect((await rows()).map(({ event_count }) => event_count)).toEqual([2, 2, 1]);
    expect((await rows()).flatMap(eventsOf).map(({ id }) => id)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `fat:${n}`),
    );
  });

  it('puts an event into the lane of its key, whoever writes it', async () => {
    const keys = [5, 9, 5, 7].map((lane, index) => keyOf(memberIn(lane, `w${index}-`)));
    await append(keys.map((key, index) => aSeen(String(index), key, index)));
    expect((await rows()).map(({ lane, event_count }) => [lane, event_count])).toEqual([
      [5, 2],
      [7, 1],
      [9, 1],
    ]);
  });
});
