import { BatchingProducer, createKafkaClient, laneOf, type OutgoingMessage } from '@kizuna/messaging';
import { eventually, times } from '../eventually.js';
import { uniqueName } from '../real-parts.js';
import { createTopics, testClient, type TestTopics } from '../topics.js';
import { defaultPartition, deleteRecordsBelow, groupOffsets } from './foreign-client.js';
import { BrokerProxy } from './tcp-proxies.js';
import { keyOf, memberIn } from './trial.js';

const LANES = 12;

describe('the Kafka client behind the port', () => {
  let topics: TestTopics;
  let topic: string;

  beforeAll(async () => {
    topics = await createTopics('campaigns');
    topic = topics.name('award-events');
  });

  const message = (partition: number, value: string, key = 'k'): OutgoingMessage => ({
    topic,
    partition,
    key,
    value,
  });
  const valuesIn = async (partition: number): Promise<string[]> =>
    (await topics.read('award-events'))
      .filter((read) => read.partition === partition)
      .map(({ value }) => String(value));

  it('hands out what was produced, unchanged and in order, from the partition that was asked for', async () => {
    const producer = topics.client.producer();
    const sent = Array.from({ length: 240 }, (_, i) =>
      message(i % 3, `${i} ünïcødé {"a":1}`, `key-${i % 3}`),
    );
    await producer.send(sent);
    await producer.stop();

    const read = await topics.read('award-events');

    for (const partition of [0, 1, 2]) {
      expect(
        read.filter((one) => one.partition === partition).map(({ key, value }) => [key, String(value)]),
      ).toEqual(sent.filter((one) => one.partition === partition).map(({ key, value }) => [key, value]));
    }
  });

  it('puts a key where the default partitioner of other clients puts it', () => {
    const keys = Array.from({ length: 4_000 }, (_, i) => `${['p', '日本', 'é', ''][i % 4]}:${i ** 3}`);
    expect(keys.map(laneOf)).toEqual(keys.map((key) => defaultPartition(key, LANES)));
  });

  it('creates a topic once, and tells its partitions and watermarks', async () => {
    const admin = testClient().admin();
    const name = uniqueName('made');
    const made = [{ topic: name, partitions: 5, settings: { 'retention.ms': '3600000' } }];
    await times(2, () => admin.createTopics(made)).catch(() => admin.createTopics(made));

    expect(await admin.partitionCounts([name, 'of-nobody'])).toEqual(new Map([[name, 5]]));

    const producer = topics.client.producer();
    await producer.send(['a', 'b', 'c'].map((value) => ({ topic: name, partition: 3, key: 'k', value })));
    await producer.stop();
    await deleteRecordsBelow(name, 3, 2);
    expect((await admin.watermarks(name)).find(({ partition }) => partition === 3)).toEqual({
      partition: 3,
      low: 2,
      high: 3,
    });
    await admin.stop();
  });

  it('keeps one send in flight under 50 concurrent callers, in the order of their calls', async () => {
    const proxy = await BrokerProxy.start();
    const producer = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'through-proxy',
      log: () => undefined,
    }).producer();

    await times(50, (i) => producer.send([message(4, `call ${i}`)]));
    await producer.stop();
    await proxy.stop();

    expect(await valuesIn(4)).toEqual(Array.from({ length: 50 }, (_, i) => `call ${i}`));
    expect([proxy.sends, proxy.sendsInFlightMax]).toEqual([50, 1]);
  });

  it('gathers concurrent callers into few sends', async () => {
    const proxy = await BrokerProxy.start();
    const client = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'gathering',
      log: () => undefined,
    });
    const producer = new BatchingProducer(client.producer(), topics.name);
    const key = keyOf(memberIn(5));

    await times(50, (i) => producer.send([{ topic: 'award-events', key, value: `gathered ${i}` }]));
    await producer.stop();
    await proxy.stop();

    expect(await valuesIn(5)).toEqual(Array.from({ length: 50 }, (_, i) => `gathered ${i}`));
    expect(proxy.sends).toBeLessThan(10);
  });

  it('gathers no more into one send than a slow line carries in time, large as the callers may be', async () => {
    const real = topics.client.producer();
    const sizes: number[] = [];
    const producer = new BatchingProducer(
      {
        ...real,
        send: (messages) => {
          sizes.push(messages.reduce((sum, { value }) => sum + value.length, 0));
          return real.send(messages);
        },
      },
      topics.name,
    );
    const key = keyOf(memberIn(10));
    const values = Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(100_000, 'y'));
    await times(30, (i) => producer.send([{ topic: 'award-events', key, value: values[i] ?? '' }]));
    await producer.stop();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
    expect(sizes.length).toBeLessThan(10);
    expect((await valuesIn(10)).map((value) => parseInt(value))).toEqual(values.map((_, i) => i));
  });

  it('loses nothing that it acknowledged while the broker goes away and comes back, and is not stuck after it', async () => {
    const proxy = await BrokerProxy.start();
    const producer = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'restarted',
      log: () => undefined,
    }).producer();
    const [callers, each] = [8, 40];
    let acknowledged = 0;
    const streams = times(callers, async (caller) => {
      for (let number = 1; number <= each; number += 1) {
        await eventually(() => producer.send([message(11, `${caller} ${number}`)]));
        acknowledged += 1;
      }
    });
    for (const share of [0.25, 0.6]) {
      await eventually(() => expect(acknowledged).toBeGreaterThan(share * callers * each), { everyMs: 1 });
      await proxy.goAway();
      await proxy.comeBack();
    }
    await streams;
    await producer.stop();
    await proxy.stop();
    // What was sent and not acknowledged is sent again: it may be there twice, never in another order.
    const values = [...new Set(await valuesIn(11))];
    for (let caller = 0; caller < callers; caller += 1)
      expect(values.filter((value) => value.startsWith(`${caller} `))).toEqual(
        Array.from({ length: each }, (_, index) => `${caller} ${index + 1}`),
      );
  });

  it('sends more than a mebibyte for one partition, in order', async () => {
    const producer = topics.client.producer();
    const values = Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(100_000, 'y'));
    await producer.send(values.map((value) => message(6, value)));
    await producer.stop();
    expect((await valuesIn(6)).map((value) => parseInt(value))).toEqual(values.map((_, i) => i));
  });

  it('tells when a consumer is gone for good: a TypeError out of a batch is the end of it', async () => {
    const crashes: Error[] = [];
    const consumer = topics.client.consumer({
      groupId: uniqueName('crash'),
      topics: [topic],
      onJoin: () => undefined,
      onCrash: (error) => void crashes.push(error),
      eachBatch: () => Promise.reject(new TypeError('ours')),
    });
    await consumer.start();
    await eventually(() => expect(crashes).toHaveLength(1));
    await consumer.stop();
  });

  it('commits exactly the offset that was settled', async () => {
    const groupId = uniqueName('settle');
    const producer = topics.client.producer();
    await producer.send(['a', 'b', 'c'].map((value) => message(7, value)));
    await producer.stop();
    const consumer = topics.client.consumer({
      groupId,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: async ({ partition, nextOffset }, control) => {
        if (partition === 7) await control.settle(2);
        else await control.settle(nextOffset);
        if (partition === 7) control.pauseFor(60_000);
      },
    });
    await consumer.start();
    await eventually(async () => expect((await groupOffsets(groupId, topic)).get(7)).toBe(2));
    expect(consumer.pausedPartitions()).toBe(1);
    await consumer.stop();
  });

  it('tells the offsets of what was under way when it was stopped', async () => {
    const groupId = uniqueName('stopped');
    const producer = topics.client.producer();
    await producer.send(['a', 'b', 'c'].map((value) => message(9, value)));
    await producer.stop();
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isCurrent = true;
    const consumer = topics.client.consumer({
      groupId,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: async ({ partition, nextOffset }, control) => {
        if (partition !== 9) return control.settle(nextOffset);
        reached.resolve();
        await released.promise;
        isCurrent = control.isCurrent();
        control.settle(2);
      },
    });
    await consumer.start();
    await reached.promise;
    const stopped = consumer.stop();
    released.resolve();
    await stopped;
    expect(isCurrent).toBe(false);
    expect((await groupOffsets(groupId, topic)).get(9)).toBe(2);
  });

  it('arms no timer while an idle consumer and an idle producer wait', async () => {
    const producer = topics.client.producer();
    await producer.send([message(8, 'last')]);
    const groupId = uniqueName('idle');
    let settled = 0;
    const consumer = topics.client.consumer({
      groupId,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: async ({ nextOffset, messages }, control) => {
        await control.settle(nextOffset);
        settled += messages.length;
      },
    });
    await consumer.start();
    const all = (await topics.read('award-events')).length;
    await eventually(() => expect(settled).toBe(all));

    const arm = globalThis.setTimeout;
    const delays: (number | undefined)[] = [];
    globalThis.setTimeout = ((callback: () => void, ms?: number) => {
      delays.push(ms);
      return arm(callback, ms);
    }) as typeof setTimeout;
    const from = process.hrtime.bigint();
    await eventually(() => expect(process.hrtime.bigint() - from).toBeGreaterThan(1_000_000_000n), {
      everyMs: 250,
    });
    globalThis.setTimeout = arm;

    // Seen without the guard: 2,700 a second, most of them with a negative delay.
    expect(delays.length).toBeGreaterThan(0);
    expect(delays.length).toBeLessThan(100);
    await consumer.stop();
    await producer.stop();
  });
});
