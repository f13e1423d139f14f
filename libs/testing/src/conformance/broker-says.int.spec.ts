import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, isBrokerAway, type KafkaClient } from '@kizuna/messaging';
import { eventually } from '../eventually.js';
import { uniqueName } from '../real-parts.js';
import { Stage } from './fixture.js';
import { foreignProduce, groupOffsets } from './foreign-client.js';
import { BrokerProxy, FETCH, FIND_COORDINATOR, HEARTBEAT, JOIN_GROUP, OFFSET_COMMIT } from './tcp-proxies.js';
import { memberIn, trial, trials } from './trial.js';

const COORDINATOR_LOADING = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;

describe('what a broker says that is nobody’s fault', () => {
  let stage: Stage;
  let proxy: BrokerProxy;
  let client: KafkaClient;
  let lines: (readonly [string, string])[];
  let heard: (message: string) => void;

  beforeEach(async () => {
    heard = () => undefined;
    stage = await Stage.create();
    proxy = await BrokerProxy.start();
    lines = [];
    client = createKafkaClient({
      brokers: [proxy.broker],
      clientId: 'listening',
      log: (level, message, { error }) => {
        lines.push([level, `${message} ${String(error ?? '')}`]);
        heard(message);
      },
    });
  });
  afterEach(async () => {
    await stage.close();
    await proxy.stop();
  });

  const said = (pattern: RegExp): string[] =>
    lines.filter(([, words]) => pattern.test(words)).map(([level]) => level);

  it.each([
    ['the group is rebalancing', REBALANCE_IN_PROGRESS],
    ['it does not know this member', UNKNOWN_MEMBER_ID],
  ])('that %s ends the work on a long fetch after the chunk under way', async (_, code) => {
    const member = memberIn(1);
    const count = 8_000;
    // Compressed, so that one fetch brings them all.
    const messages = trials(member, count).map((one) => ({ ...one, partition: 1 }));
    await foreignProduce(stage.topics.name('purchase-events'), messages, { gzip: true });
    const begun: { readonly joins: number; readonly refused: number }[] = [];
    const consumer = await stage.consume({
      client,
      before: async (_chunk, tx) => {
        if (begun.length === 0) proxy.refuse(HEARTBEAT, code, 1);
        begun.push({ joins: consumer.joins, refused: proxy.refused });
        await tx.query('SELECT pg_sleep(0.6)');
      },
    });
    await eventually(async () => expect((await stage.position(1))?.nextOffset).toBe(count));
    expect(proxy.refused).toBe(1);
    // What was fetched under the generation that is over is left alone, and fetched again under the new one.
    expect(begun.filter(({ joins, refused }) => refused > 0 && joins === 1)).toEqual([]);
    expect(begun.some(({ joins }) => joins > 1)).toBe(true);
    expect(await stage.numbersOf(member)).toEqual(Array.from({ length: count }, (__, index) => index + 1));
    expect(consumer.committed.reduce((sum, { repetitions }) => sum + repetitions, 0)).toBe(0);
    expect([...consumer.failures, ...consumer.crashes, ...(await stage.parked())]).toEqual([]);
  });

  it('that its coordinator is not there yet is waited out, and alarms nobody', async () => {
    proxy.refuse(FIND_COORDINATOR, COORDINATOR_NOT_AVAILABLE, 2);
    proxy.refuse(JOIN_GROUP, COORDINATOR_LOADING, 2);
    const member = memberIn(2);
    const consumer = await stage.consume({ client });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    expect(proxy.refused).toBe(4);
    expect(said(/coordinator/i)).toContain('warn');
    expect(lines.filter(([level]) => level === 'error')).toEqual([]);
    expect([...consumer.failures, ...consumer.crashes]).toEqual([]);
  });

  it('that a topic has no leader yet: it is asked again, and counts as away when it takes long', async () => {
    const topic = stage.topics.name('purchase-events');
    const admin = client.admin();
    // The second finds the client between two questions, where it takes no answer apart.
    for (const [times, spared] of [
      [3, 0],
      [1, 1],
    ] as const) {
      proxy.elect(topic, times, spared);
      expect(await admin.partitionCounts([topic])).toEqual(new Map([[topic, 12]]));
    }
    proxy.elect(topic, Infinity);
    const refused = await admin.partitionCounts([topic]).catch((error: unknown) => error);
    expect([isBrokerAway(refused), refused]).toEqual([true, expect.any(Error)]);
    await admin.stop();
  });

  it('that it cannot tell the coordinator of a group that joins again: the consumer begins anew', async () => {
    const member = memberIn(2);
    const consumer = await stage.consume({ client });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    proxy.refuse(FIND_COORDINATOR, COORDINATOR_LOADING, 1);
    proxy.refuse(HEARTBEAT, UNKNOWN_MEMBER_ID, 1);
    await eventually(() => expect(said(/^Crash: .*Failed to find group coordinator/)).toHaveLength(1));
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect([...consumer.failures, ...consumer.crashes]).toEqual([]);
  });

  it('the same to one that is told to stop when it gives up: it stays away', async () => {
    const consumer = await stage.consume({ client });
    await eventually(() => expect(consumer.joins).toBe(1));
    const stopped = new Promise<void>((resolve) => {
      heard = (message) => {
        if (message.startsWith('Crash: ')) resolve(consumer.stop());
      };
    });
    proxy.refuse(FIND_COORDINATOR, COORDINATOR_LOADING, 1);
    proxy.refuse(HEARTBEAT, UNKNOWN_MEMBER_ID, 1);
    await stopped;
    const asked = proxy.requests(FIND_COORDINATOR);
    // Several times as long as it waits before it begins anew.
    await sleep(4_000);
    expect(proxy.requests(FIND_COORDINATOR)).toBe(asked);
    expect(consumer.crashes).toEqual([]);
  });

  it('nothing at all, for longer than the client tries: it begins anew by itself when the broker is back', async () => {
    const member = memberIn(3);
    const consumer = await stage.consume({ client });
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    await proxy.goAway();
    await eventually(() => expect(said(/^Restarting the consumer/)).not.toEqual([]), { withinMs: 100_000 });
    await proxy.comeBack();
    await stage.produce([trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(consumer.crashes).toEqual([]);
    // It is told, but nobody is woken for it.
    expect(said(/^(Crash|Restarting)/)).not.toContain('error');
  }, 180_000);

  it('that it has not so much, where a seek went past the end: reading begins at the start, and the group forgets', async () => {
    const [topic, groupId] = [stage.topics.name('purchase-events'), uniqueName('past-the-end')];
    const remembered = async () => (await groupOffsets(groupId, topic)).get(4);
    await stage.produce(trials(memberIn(4), 3));
    const fetched: number[] = [];
    const consumer = client.consumer({
      groupId,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: ({ partition, fetchedOffset, nextOffset }, control) => {
        if (partition !== 4) return Promise.resolve();
        fetched.push(fetchedOffset);
        if (fetched.length === 1) control.settle(nextOffset);
        else if (fetched.length === 2) control.seek(1_000);
        else control.pauseFor(60_000);
        return Promise.resolve();
      },
    });
    await consumer.start();
    await eventually(async () => expect(await remembered()).toBe(3));
    await stage.produce([trial(memberIn(4), 4)]);
    await eventually(() => expect(fetched).toEqual([0, 3, 0]));
    // The client's own word for "the beginning": nobody may take what a group remembers for a position.
    expect(await remembered()).toBe(-2);
    await consumer.stop();
  });

  it('is not asked again and again for what a consumer that is stopping leaves alone', async () => {
    const [topic, groupId] = [stage.topics.name('purchase-events'), uniqueName('leaving')];
    const settled = new Set<number>();
    await stage.produce([trial(memberIn(5), 1)]);
    const consumer = client.consumer({
      groupId,
      topics: [topic],
      onJoin: () => undefined,
      onCrash: () => undefined,
      eachBatch: ({ partition, nextOffset }, control) => {
        control.settle(nextOffset);
        settled.add(partition);
        return Promise.resolve();
      },
    });
    await consumer.start();
    await eventually(() => expect(settled).toEqual(new Set([5])));
    // It waits for its last commit to be answered, and new events come.
    proxy.swallowed.add(OFFSET_COMMIT);
    const before = proxy.requests(FETCH);
    const stopped = consumer.stop();
    await stage.produce([trial(memberIn(6), 1)]);
    await stopped;
    expect(settled).toEqual(new Set([5]));
    expect(proxy.requests(OFFSET_COMMIT)).toBeGreaterThan(0);
    expect(proxy.requests(FETCH) - before).toBeLessThan(30);
  });
});
