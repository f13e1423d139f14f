import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKafkaClient, laneOf } from '@kizuna/messaging';
import { memberKey } from '@kizuna/kernel';
import { eventually } from '@kizuna/testing';
import { runProgram } from '../local/rooms.js';
import { purchaseBody, type Shop } from './shop.js';
import { REPOSITORY, Story } from './story.js';

const MAIN = join(REPOSITORY, 'tools', 'dist', 'kizuna', 'main.js');
const LINES = [{ sku: 'tea', unit_price_minor: 1980 }];

interface Parked {
  readonly id: number;
  readonly reason: string | null;
}

/** What the operator does with `npm run kizuna`, over the running rooms. */
describe('the operator of an installation', () => {
  let story: Story;
  let shop: Shop;

  beforeAll(async () => {
    story = await Story.start();
    shop = await story.program('operated');
    await shop.earns('BASE', 1, 100);
  });
  afterAll(() => story?.stop());

  const kizuna = async (...argv: readonly string[]) => {
    const all = [...argv, '--directory', story.directory];
    const { code, stdout, stderr } = await runProgram(MAIN, { PATH: process.env['PATH'] }, '', all);
    return {
      code,
      stdout,
      stderr,
      answer: argv.includes('--json') ? (JSON.parse(stdout) as unknown) : undefined,
    };
  };
  const parked = async (key: string): Promise<Parked[]> => {
    const { answer } = await kizuna('parked', 'list', '--room', 'campaigns', '--key', key, '--json');
    return (answer as { campaigns: { items: Parked[] } }).campaigns.items;
  };

  /** Past the front door, as a faulty program of somebody else would. */
  const produce = async (key: string, event: object): Promise<void> => {
    const { brokers, topicName } = story.local;
    const producer = createKafkaClient({ brokers, clientId: 'odd', log: () => undefined }).producer();
    const topic = topicName('purchase-events');
    await producer.send([{ topic, partition: laneOf(key), key, value: JSON.stringify(event) }]);
    await producer.stop();
  };

  it('sees how far the rooms are, in words and as data', async () => {
    await shop.buys({ order_id: 'first', member_id: 'ann', lines: LINES });
    await eventually(async () => {
      const { answer } = await kizuna('lag', '--json');
      const rooms = answer as Record<string, { lanes: { messages: number; next_offset: number }[] }>;
      expect(rooms['campaigns']?.lanes.every(({ messages }) => messages === 0)).toBe(true);
      expect(rooms['points-ledger']?.lanes.some(({ next_offset }) => next_offset > 0)).toBe(true);
    });
    expect((await kizuna('lag')).stdout).toMatch(/^room +what +waiting +for seconds\n/);
    expect((await kizuna('positions', '--room', 'campaigns')).stdout).toMatch(/campaigns +purchase-events/);
    expect((await kizuna('books')).stdout).toMatch(/^(All \d+ wallets|No pass) .*\nThe books agree\.\n$/);
    expect((await kizuna('topics')).stdout).toMatch(/award-events +\d+ +\d+ +\d+ +points-ledger/);
  });

  it('mends an event that nobody could read, and what waited behind it follows', async () => {
    await eventually(async () => expect(await shop.wallet('ann')).toEqual([0, 19, 0, 0]));
    const programId = shop.programId;
    const key = memberKey(programId, 'ann');
    const broken = {
      specversion: '1.0',
      id: 'purchase:x',
      source: '/odd',
      type: 'kizuna.purchase.completed.v1',
    };
    await produce(key, broken);
    await shop.buys({ order_id: 'behind', member_id: 'ann', lines: LINES });
    await shop.buys({ order_id: 'beside', member_id: 'bob', lines: LINES });
    await eventually(async () => expect(await shop.wallet('bob')).toEqual([0, 19, 0, 0]));
    const [first, second] = await eventually(async () => {
      const list = await parked(key);
      expect(list).toHaveLength(2);
      return list;
    });
    expect([first?.reason, second?.reason]).toEqual(['is not a CloudEvent of ours', null]);
    expect((await kizuna('parked', 'list')).stdout).toContain('behind an earlier one');
    expect(
      (await kizuna('parked', 'show', '--room', 'campaigns', '--id', String(first?.id))).stdout,
    ).toContain('/odd');

    const replay = ['parked', 'replay', '--room', 'campaigns', '--topic', 'purchase-events', '--key', key];
    expect((await kizuna(...replay)).code).toBe(1);
    const id = ['--room', 'campaigns', '--id', String(first?.id)];
    const file = join(story.directory, 'edited.json');
    writeFileSync(file, JSON.stringify({ ...broken, time: 'never' }));
    const refused = await kizuna('parked', 'resubmit', ...id, '--file', file, '--reason', 'a try');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('422 unreadable')]);
    expect((await kizuna('parked', 'discard', ...id, '--reason', 'made by a script')).code).toBe(0);
    expect((await kizuna(...replay, '--json')).answer).toEqual({ replayed: 1, stopped_at: null });
    await eventually(async () => expect(await shop.wallet('ann')).toEqual([0, 38, 0, 0]));
    expect((await kizuna('parked', 'list', '--room', 'campaigns')).stdout).toBe('Nothing is parked.\n');
  });

  it('puts an edited event in the place of one that is broken, and the member gets the points of it', async () => {
    const key = memberKey(shop.programId, 'cat');
    const purchase = { order_id: 'mended', member_id: 'cat', lines: LINES };
    const mended = {
      specversion: '1.0',
      id: 'purchase:mended',
      source: '/odd',
      type: 'kizuna.purchase.completed.v1',
      time: shop.occurredAt,
      subject: 'cat',
      program: shop.programId,
      data: { program_id: shop.programId, ...purchaseBody(purchase, shop.occurredAt, 'JPY') },
    };
    const { lines: _, ...withoutLines } = mended.data as Record<string, unknown>;
    await produce(key, { ...mended, data: withoutLines });
    await shop.buys({ order_id: 'after', member_id: 'cat', lines: LINES });
    const [first] = await eventually(async () => {
      const list = await parked(key);
      expect(list.map(({ reason }) => reason)).toEqual([expect.stringContaining('lines'), null]);
      return list;
    });
    expect(await shop.wallet('cat')).toEqual([0, 0, 0, 0]);

    const file = join(story.directory, 'mended.json');
    writeFileSync(file, JSON.stringify(mended));
    const id = ['--room', 'campaigns', '--id', String(first?.id)];
    const reason = ['--reason', 'the lines were lost on the way'];
    expect((await kizuna('parked', 'resubmit', ...id, '--file', file, ...reason)).code).toBe(0);
    // Only the replay handles it.
    expect(await parked(key)).toHaveLength(2);
    const replay = ['parked', 'replay', '--room', 'campaigns', '--topic', 'purchase-events', '--key', key];
    expect((await kizuna(...replay, '--json')).answer).toEqual({ replayed: 2, stopped_at: null });
    await eventually(async () => expect(await shop.wallet('cat')).toEqual([0, 38, 0, 0]));
    expect(await shop.awards('mended')).toEqual({ BASE: 19 });
    const { answer } = await kizuna('parked', 'show', ...id, '--json');
    expect(answer).toMatchObject({ state: 'replayed', edited: true, resolution: reason[1] });

    // The original that arrives after all is the same purchase: it changes nothing.
    await produce(key, mended);
    await shop.buys({ order_id: 'last', member_id: 'cat', lines: LINES });
    await eventually(async () => expect(await shop.wallet('cat')).toEqual([0, 57, 0, 0]));
    expect(await parked(key)).toEqual([]);
  });

  it.each([
    ['a room that does not exist', ['lag', '--room', 'kitchen'], '--room is one of'],
    ['a missing reason', ['parked', 'discard', '--room', 'campaigns', '--id', '1'], '--reason is missing'],
    ['an id that is none', ['parked', 'show', '--room', 'campaigns', '--id', 'x'], '--id wants'],
    ['an unknown verb', ['parked', 'burn'], 'There is no command "parked burn"'],
  ])('is told about %s with 2', async (_, argv, sentence) => {
    const { code, stderr } = await kizuna(...argv);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('is told about an event that does not exist with 1', async () => {
    const { code, stderr } = await kizuna('parked', 'show', '--room', 'points-ledger', '--id', '999');
    expect([code, stderr]).toEqual([1, expect.stringContaining('404 not_found')]);
  });
});
