import { createKafkaClient, LagWatch, NotThereYet } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { Stage } from './fixture.js';
import { BrokerProxy, HEARTBEAT } from './tcp-proxies.js';
import { memberIn, trial } from './trial.js';

const PATIENCE_MS = 3_000;

describe('the clock of the machine', () => {
  let stage: Stage;
  let proxy: BrokerProxy;
  const now = Date.now;

  beforeEach(async () => {
    stage = await Stage.create();
    proxy = await BrokerProxy.start();
  });
  afterEach(async () => {
    Date.now = now;
    await stage.close();
    await proxy.stop();
  });

  it.each([
    ['back', -600_000],
    ['forward', 600_000],
  ])('set %s by ten minutes under a running room, changes nothing', async (_, ms) => {
    const [member, waiting] = [memberIn(1), memberIn(2)];
    const client = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'odd-clock',
      log: () => undefined,
    });
    let askedFirst = Infinity;
    const consumer = await stage.consume({
      client,
      before: ({ lane }) => {
        if (lane !== 2) return;
        askedFirst = Math.min(askedFirst, performance.now());
        throw new NotThereYet('settings', PATIENCE_MS, 'no settings yet');
      },
    });
    const admin = stage.topics.client.admin();
    const lags = new LagWatch(stage.database, admin, stage.topics.name);
    const lagOf = async () =>
      (await lags.read(['purchase-events'])).find(({ lane }) => lane === 2)?.seconds ?? -1;
    const { errors } = stage.relay();
    await stage.produce([trial(member, 1), trial(waiting, 1)]);
    await eventually(async () => expect(await stage.published()).toHaveLength(1));
    await eventually(() => expect(consumer.failures).not.toEqual([]));
    await lagOf();
    const lookedAt = performance.now();

    Date.now = () => now() + ms;
    // Before the next fetch makes it right.
    const sinceLastFetchMs = consumer.strategy.sinceLastFetchMs();
    expect(sinceLastFetchMs).toBeGreaterThanOrEqual(0);
    expect(sinceLastFetchMs).toBeLessThan(5_000);
    const beats = proxy.requests(HEARTBEAT);
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.published()).toHaveLength(2));
    const lag = await lagOf();
    expect(lag).toBeGreaterThanOrEqual(0);
    expect(lag).toBeLessThan((performance.now() - lookedAt) / 1_000 + 1);
    // Those who wait do so for as long as it takes, and no longer.
    await eventually(async () => expect(await stage.parked()).toHaveLength(1), { withinMs: 15_000 });
    expect(performance.now() - askedFirst).toBeGreaterThanOrEqual(PATIENCE_MS);
    await eventually(() => expect(proxy.requests(HEARTBEAT)).toBeGreaterThan(beats + 2), {
      withinMs: 12_000,
    });
    expect(consumer.joins).toBe(1);
    expect([...errors, ...consumer.crashes]).toEqual([]);
    await admin.stop();
  });
});
