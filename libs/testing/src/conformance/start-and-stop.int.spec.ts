import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { memberIn, trials } from './trial.js';
import { ChildProcess, startTrialRoom } from './worker-process.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** A port that nobody listens on. */
const NOBODY = '1';

const at = (url: string, parts: { readonly port?: string; readonly password?: string }): string =>
  Object.assign(new URL(url), parts).href;

describe('a room that starts and stops', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create();
  });
  afterAll(() => stage.close());

  const startRoom = (other: Readonly<Record<string, string>> = {}): ChildProcess =>
    startTrialRoom(stage, other);

  it('ends in the middle of a stream after its chunk, in order, with nothing lost and the pool closed last', async () => {
    const members = upTo(6).map((lane) => memberIn(lane));
    let next = 1;
    const stream = async (): Promise<void> => {
      await stage.produce(members.flatMap((member) => trials(member, 2, next)));
      next += 2;
    };
    for (let stop = 1; stop <= 3; stop += 1) {
      const room = startRoom();
      const before = (await stage.effects()).length;
      await eventually(async () => {
        await stream();
        expect((await stage.effects()).length).toBeGreaterThan(before);
      });
      room.signal('SIGTERM');
      await stream();
      expect(await room.ended).toEqual({ code: 0, signal: null });
      expect(
        room.lines.filter((line) => /pool|chunk failed|cannot start|ECONN|"level":(50|60)/.test(line)),
      ).toEqual([]);
    }

    const last = startRoom();
    const count = next - 1;
    for (const member of members)
      await eventually(async () => expect(await stage.numbersOf(member)).toEqual(upTo(count)));
    await eventually(async () => expect(await stage.published()).toHaveLength(members.length * count));
    last.signal('SIGTERM');
    await last.ended;
    expect(await stage.parked()).toEqual([]);
    const published = await stage.published();
    for (const member of members) {
      const own = published.filter(({ subject }) => subject === member);
      expect(own.map(({ data }) => (data as { sequence: number }).sequence)).toEqual(upTo(count));
    }
  }, 60_000);

  it('exits by itself with an error when it cannot go on', async () => {
    const room = startRoom();
    await room.says('{"level":30', 20_000);
    await eventually(() => expect(room.lines.some((line) => line.includes('listening on'))).toBe(true));
    const owner = await stage.connect(stage.urls.ownerUrl);
    await owner.query('ALTER TABLE effect RENAME TO effect_away');
    await stage.produce(trials(memberIn(8), 1));
    expect(await room.ended).toEqual({ code: 1, signal: null });
    expect(room.lines.join('\n')).toContain(
      'nothing can be handled until the installation is changed, exiting',
    );
    await owner.query('ALTER TABLE effect_away RENAME TO effect');
  });

  it.each([
    ['the database is away', () => ({ DATABASE_URL: at(stage.urls.runtimeUrl, { port: NOBODY }) }), 75],
    ['the broker is away', () => ({ KAFKA_BROKERS: `127.0.0.1:${NOBODY}` }), 75],
    ['the password is wrong', () => ({ DATABASE_URL: at(stage.urls.runtimeUrl, { password: 'wrong' }) }), 1],
  ])(
    'tells by its exit code whether a later start may help: %s',
    async (_, other, code) => {
      const room = startRoom(other());
      expect(await room.ended).toEqual({ code, signal: null });
      expect(room.lines.join('\n')).toContain('conformance cannot start: ');
    },
    60_000,
  );

  it('says in one sentence why it does not start', async () => {
    const room = new ChildProcess('trial-room', {
      PORT: 'x',
      DATABASE_URL: '',
      KAFKA_BROKERS: '',
      OPERATOR_SECRET: '',
    });
    expect(await room.ended).toEqual({ code: 1, signal: null });
    expect(room.lines.join('\n')).toMatch(/^conformance cannot start: configuration: .*DATABASE_URL/);
  });
});
