import { randomBytes } from 'node:crypto';
import { eventually } from '../eventually.js';
import { Stage, type TrialConsumer } from './fixture.js';
import { foreignProduce, type ForeignMessage } from './foreign-client.js';
import { envelope, keyOf, memberIn, membersIn, trial } from './trial.js';

const lane = 0;
const [bad = '', good = ''] = membersIn(lane, 2);
const key = keyOf(bad);

const text = (envelopeOrData: object): string => JSON.stringify(envelopeOrData);
const withId = (id: string): ForeignMessage => ({ key, value: text(envelope(bad, id, { n: 1 })) });
const withKey = (odd: Buffer | string | null): ForeignMessage => ({ key: odd, value: trial(bad, 1).value });
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const variants: readonly (readonly [string, ForeignMessage, RegExp])[] = [
  ['no value', { key, value: null }, /has no value/],
  ['an empty value', { key, value: '' }, /not a JSON object/],
  ['broken UTF-8', { key, value: Buffer.from('{"id":"\xff\xfe"}', 'latin1') }, /not a JSON object/],
  ['half of a JSON text', { key, value: '{"id":"x"' }, /not a JSON object/],
  ['JSON null', { key, value: 'null' }, /not a JSON object/],
  ['a list', { key, value: '[{}]' }, /not a CloudEvent/],
  ['1 MB of nested lists', { key, value: nested(450_000) }, /not a (JSON object|CloudEvent)/],
  [
    'its required fields behind __proto__',
    {
      key,
      value: text(envelope(bad, 'p', {})).replace(
        '{"program_id":"trials"}',
        '{"__proto__":{"program_id":"trials","n":1}}',
      ),
    },
    /\/program_id is required; \/n is required/,
  ],
  [
    '2^53+1',
    { key, value: text(envelope(bad, 'big', { n: 0 })).replace('"n":0', '"n":9007199254740993') },
    /\/n must be <=/,
  ],
  ['a required field missing', { key, value: text(envelope(bad, 'm', {})) }, /\/n is required/],
  [
    'a time that is none',
    { key, value: text({ ...envelope(bad, 't', { n: 1 }), time: 'soon' }) },
    /no readable time/,
  ],
  ['no key', withKey(null), /no readable key/],
  ['a key of another program', withKey('others:ann'), /another program/],
  [
    'data of another program',
    { key, value: text(envelope(bad, 'o', { n: 1, program_id: 'others' })) },
    /another program/,
  ],
  ['a NUL in its key', withKey(`${key}\0`), /no readable key/],
  ['a key of 4 kB', withKey(`${key}:${randomBytes(2_000).toString('hex')}`), /no readable key/],
  ['a key in broken UTF-8', withKey(Buffer.from([0xff, 0xfe, 0x00])), /no readable key/],
  ['a NUL in its id', withId('a\0b'), /not a CloudEvent/],
  ['half a surrogate pair in its id', withId('a\ud800b'), /not a CloudEvent/],
  ['an id of 10 kB', withId(randomBytes(5_000).toString('hex')), /index row/],
];

describe('a message that cannot be read', () => {
  let stage: Stage;
  let consumer: TrialConsumer;
  let topic: string;

  beforeAll(async () => {
    stage = await Stage.create();
    topic = stage.topics.name('purchase-events');
  });
  beforeEach(async () => {
    consumer = await stage.consume();
  });
  afterEach(() => stage.rest());
  afterAll(() => stage.close());

  const reached = async (offset: number): Promise<void> =>
    eventually(async () => expect((await stage.position(lane))?.nextOffset ?? 0).toBe(offset), {
      withinMs: 30_000,
    });
  const start = async (): Promise<{ offset: number; parked: number; good: number }> => ({
    offset: (await stage.position(lane))?.nextOffset ?? 0,
    parked: (await stage.parked()).length,
    good: (await stage.numbersOf(good)).length,
  });

  it.each(variants)('is parked for what it is: %s', async (_, message, reason) => {
    const { offset, parked, good: before } = await start();
    await foreignProduce(topic, [{ ...message, partition: lane }]);
    await stage.produce([trial(good, before + 1)]);

    await reached(offset + 2);

    expect(await stage.numbersOf(good)).toHaveLength(before + 1);
    const reasons = (await stage.parked()).slice(parked).map((row) => row.reason);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
    expect(await stage.numbersOf(bad)).toEqual([]);
    expect(consumer.crashes).toEqual([]);
    expect(({} as { n?: unknown }).n).toBeUndefined();

    // What was parked last is what the next owner would recognise the topic by.
    await foreignProduce(topic, [{ ...message, partition: lane }]);
    await reached(offset + 3);
    await consumer.stop();
    const next = await stage.consume();
    await stage.produce([trial(good, before + 2)]);
    await eventually(async () => expect(await stage.numbersOf(good)).toHaveLength(before + 2));
    expect(next.alarms).toEqual([]);
    // For the next one, the key is as if nothing had been.
    await stage.free();
  });

  it('hurts nobody by nesting in a field that nobody knows', async () => {
    const { offset, parked } = await start();
    const deep = text(envelope(bad, 'deep', { n: 1, x: 0 })).replace('"x":0', `"x":${nested(400_000)}`);
    await foreignProduce(topic, [{ key, value: deep, partition: lane }]);
    await reached(offset + 1);
    // Applied or parked: what its hash is made with decides how deep is too deep.
    expect([...(await stage.numbersOf(bad)), ...(await stage.parked()).slice(parked)]).toHaveLength(1);
    expect(consumer.crashes).toEqual([]);
    await stage.free();
  });

  it('blocks nobody when it has no key', async () => {
    const member = memberIn(1);
    const { parked } = await start();
    await foreignProduce(topic, [
      { key: null, value: 'x', partition: 1 },
      { ...trial(member, 1), partition: 1 },
      { key: null, value: trial(member, 2).value, partition: 1 },
      { ...trial(member, 3), partition: 1 },
    ]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 3]));
    expect((await stage.parked()).slice(parked)).toMatchObject([
      { key: null, message_offset: '0' },
      { key: null, message_offset: '2' },
    ]);
  });
});
