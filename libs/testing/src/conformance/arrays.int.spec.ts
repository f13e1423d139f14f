import {
  bigintArray,
  booleanArray,
  integerArray,
  jsonbArray,
  smallintArray,
  textArray,
  timestamptzArray,
  uuidArray,
} from '@kizuna/database';
import fc from 'fast-check';
import { Stage } from './fixture.js';

const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(9999, 11, 31);
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'));

describe('arrays as parameters', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create();
  });
  afterAll(() => stage.close());

  /** What the server has understood, as text. */
  const understood = async (array: Buffer, type: string): Promise<(string | null)[]> => {
    const rows = await stage.database.query<{ value: string | null }>(
      `SELECT value::text FROM unnest($1::${type}[]) WITH ORDINALITY AS n (value, place) ORDER BY place`,
      [array],
    );
    return rows.map(({ value }) => value);
  };
  const each = <Value>(
    one: fc.Arbitrary<Value>,
    check: (values: (Value | null)[]) => Promise<void>,
  ): Promise<void> =>
    fc.assert(fc.asyncProperty(fc.array(fc.option(one), { maxLength: 20 }), check), { numRuns: 40 });
  const asText = (values: readonly unknown[]): (string | null)[] =>
    values.map((value) => (value === null ? null : String(value)));

  it('carry texts of any kind, and nothing', () =>
    each(text, async (values) => expect(await understood(textArray(values), 'text')).toEqual(values)));

  it('carry whole numbers of every size', async () => {
    await each(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), async (values) =>
      expect(await understood(bigintArray(values), 'bigint')).toEqual(asText(values)),
    );
    await each(fc.maxSafeInteger(), async (values) =>
      expect(await understood(bigintArray(values), 'bigint')).toEqual(asText(values)),
    );
    await each(fc.integer(), async (values) =>
      expect(await understood(integerArray(values), 'int')).toEqual(asText(values)),
    );
    await each(fc.integer({ min: -32_768, max: 32_767 }), async (values) =>
      expect(await understood(smallintArray(values), 'smallint')).toEqual(asText(values)),
    );
    expect(() => bigintArray([1.5])).toThrow(RangeError);
  });

  it('carry truth values and UUIDs', async () => {
    await each(fc.boolean(), async (values) =>
      expect(await understood(booleanArray(values), 'boolean')).toEqual(asText(values)),
    );
    await each(fc.uuid(), async (values) =>
      expect(await understood(uuidArray(values), 'uuid')).toEqual(values),
    );
    expect(() => uuidArray(['no-uuid'])).toThrow(TypeError);
  });

  it('carry instants to the millisecond, and the end of time', async () => {
    await each(fc.integer({ min: EARLIEST, max: LATEST }), async (values) => {
      const rows = await stage.database.query<{ ms: string | null }>(
        `SELECT (extract(epoch FROM value) * 1000)::bigint AS ms
         FROM unnest($1::timestamptz[]) WITH ORDINALITY AS n (value, place) ORDER BY place`,
        [timestamptzArray(values)],
      );
      expect(rows.map(({ ms }) => ms)).toEqual(asText(values));
    });
    expect(await understood(timestamptzArray([Infinity]), 'timestamptz')).toEqual(['infinity']);
  });

  it('carry documents', () =>
    each(fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }), async (values) => {
      const documents = values.map((value) => (value === null ? null : JSON.stringify(value)));
      const read = await understood(jsonbArray(documents), 'jsonb');
      expect(read.map((value) => (value === null ? null : (JSON.parse(value) as unknown)))).toEqual(values);
    }));
});
