import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { foreignProduce, strangeMember } from './foreign-client.js';
import { BrokerProxy, FETCH } from './tcp-proxies.js';
import { memberIn, ROOM, trial } from './trial.js';
import { startTrialRoom, type ChildProcess } from './worker-process.js';

const FETCH_TIMEOUT_MS = 12_000;

/** "Up but idle" is worse than gone: whoever watches over the process can start another one. */
describe('a room whose consumer does nothing any more', () => {
  let stage: Stage;
  const rooms: ChildProcess[] = [];

  beforeEach(async () => {
    stage = await Stage.create();
  });
  afterEach(async () => {
    await Promise.all(rooms.splice(0).map((room) => room.kill()));
    await stage.close();
  });

  const start = (environment: Readonly<Record<string, string>>): ChildProcess => {
    const room = startTrialRoom(stage, environment);
    rooms.push(room);
    return room;
  };
  const urlOf = (room: ChildProcess): Promise<string> =>
    eventually(() => {
      const [, url] = /listening on (http:[^,]+),/.exec(room.lines.join('\n')) ?? [];
      if (url === undefined) throw new Error(`it does not listen: ${room.lines.slice(-5).join('\n')}`);
      return url;
    });
  const ready = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;

  it('ends itself when a broker that answers others answers no fetch, and never only because nothing is to be fetched', async () => {
    const proxy = await BrokerProxy.start();
    const limit = String(FETCH_TIMEOUT_MS);
    const cutOff = start({ KAFKA_BROKERS: proxy.broker, FETCH_TIMEOUT_MS: limit });
    const other = await Stage.create();
    const quiet = start({ KAFKA_TOPIC_PREFIX: other.topics.prefix, FETCH_TIMEOUT_MS: limit });
    const [cutOffUrl, quietUrl] = [await urlOf(cutOff), await urlOf(quiet)];
    await stage.produce([trial(memberIn(1), 1)]);
    await eventually(async () => expect(await stage.numbersOf(memberIn(1))).toEqual([1]));
    expect(await ready(cutOffUrl)).toBe(200);

    proxy.swallowed.add(FETCH);
    const from = performance.now();
    expect(await cutOff.ended).toEqual({ code: 1, signal: null });
    expect(performance.now() - from).toBeGreaterThan(FETCH_TIMEOUT_MS - 1_000);
    expect(performance.now() - from).toBeLessThan(FETCH_TIMEOUT_MS + 20_000);
    expect(cutOff.lines.join('\n')).toMatch(/no fetch from Kafka for 1\d s, exiting/);
    expect(await ready(quietUrl)).toBe(200);
    await Promise.all([proxy.stop(), other.close()]);
  });

  it('ends itself when the broker hangs up at every fetch', async () => {
    const proxy = await BrokerProxy.start();
    const room = start({ KAFKA_BROKERS: proxy.broker, FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS) });
    await urlOf(room);
    proxy.hungUpOn.add(FETCH);
    expect(await room.ended).toEqual({ code: 1, signal: null });
    expect(room.lines.join('\n')).toMatch(/no fetch from Kafka for 1\d s, exiting/);
    await proxy.stop();
  });

  it('stays while it gets on slowly with a long fetch', async () => {
    const count = 8_000;
    // Compressed, so that one fetch brings eight chunks.
    const messages = Array.from({ length: count }, (_, n) => ({
      ...trial(memberIn(1), n, 'long'),
      partition: 1,
    }));
    await foreignProduce(stage.topics.name('purchase-events'), messages, { gzip: true });
    const room = start({ FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS) });
    await eventually(async () => expect((await stage.position(1))?.nextOffset).toBe(count), {
      withinMs: 60_000,
    });
    expect(room.lines.join('\n')).not.toMatch(/exiting/);
  }, 90_000);

  it('stays while the broker is away, gives what it can without one, and goes on when it is back', async () => {
    const proxy = await BrokerProxy.start();
    const room = start({ KAFKA_BROKERS: proxy.broker, FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS) });
    const url = await urlOf(room);
    await stage.produce([trial(memberIn(1), 1)]);
    await eventually(async () => expect(await stage.numbersOf(memberIn(1))).toEqual([1]));

    await proxy.goAway();
    // Readiness gives a stuck consumer 30 s; the watchdog here less.
    const until = performance.now() + 40_000;
    while (performance.now() < until) {
      expect(await ready(url)).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await stage.produce([trial(memberIn(1), 2)]);
    await proxy.comeBack();
    await eventually(async () => expect(await stage.numbersOf(memberIn(1))).toEqual([1, 2]));
    expect(room.lines.join('\n')).not.toMatch(/exiting/);
    await proxy.stop();
  }, 120_000);

  it('ends itself when the client gives its consumer up for good', async () => {
    const stranger = await strangeMember(stage.topics.name(ROOM), stage.topics.name('purchase-events'));
    const room = start({});
    expect(await room.ended).toEqual({ code: 1, signal: null });
    expect(room.lines.join('\n')).toContain('the consumer is gone, exiting');
    await stranger.stop();
  });
});
