import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { keyOf, memberIn, membersIn, trial, trials } from './trial.js';
import { startWorker } from './worker-process.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Every worker has a group of its own, so that nobody waits for the session of the dead; the lanes are the same. */
describe('processes that are killed', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(() => stage.close());

  it('three times between the commit of the database and that of the offset, leave every effect once and in order', async () => {
    const members = upTo(6).map((lane) => memberIn(lane));
    for (const start of [1, 11, 21]) {
      await stage.produce(members.flatMap((member) => trials(member, 10, start)));
      const worker = startWorker(stage, { owner: `w${start}`, group: `-${start}`, dieAfterCommits: 2 });
      expect(await worker.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    // Six commits; how many events are in each is up to what a fetch brought.
    expect((await stage.effects()).length).toBeGreaterThanOrEqual(6);
    const last = startWorker(stage, { owner: 'last', group: '-last' });
    for (const member of members)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(30)));
    await last.kill();
    expect(await stage.parked()).toEqual([]);
  });

  it('by an event that ends whoever touches it, park it after three attempts while the others of its lane flow', async () => {
    const [bad = '', good = ''] = membersIn(0, 2);
    await stage.produce([
      ...[trial(good, 1), trial(bad, 1), trial(good, 2)],
      ...[trial(bad, 2, 'killer'), trial(good, 3), trial(bad, 3), trial(good, 4)],
    ]);
    let deaths = 0;
    const isDone = async (): Promise<void> => {
      expect(await stage.position(0)).toMatchObject({ nextOffset: 7 });
    };
    for (; deaths < 8; deaths += 1) {
      const worker = startWorker(stage, { owner: `w${deaths}`, group: `-${deaths}` });
      const end = await Promise.race([worker.ended, eventually(isDone).then(() => 'done' as const)]);
      if (end === 'done') {
        await worker.kill();
        break;
      }
    }
    expect(await stage.numbersOf(good)).toEqual([1, 2, 3, 4]);
    expect(await stage.numbersOf(bad)).toEqual([1]);
    expect((await stage.parked()).map(({ key, reason }) => [key, reason])).toEqual([
      [keyOf(bad), 'ended the process 3 times'],
      [keyOf(bad), null],
    ]);
    // Twice with the chunk that it came in, which is then handled event by event, and three times alone.
    expect(deaths).toBeLessThanOrEqual(5);
    expect(deaths).toBeGreaterThanOrEqual(3);
  });
});
