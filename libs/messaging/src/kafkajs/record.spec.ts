import { createRequire } from 'node:module';
import fc from 'fast-check';
import { crc32c } from './crc32c.js';
import { encodeRecord, type Encoded, type RecordParts } from './record.js';

/** The client's own parts, which ours stand in for. */
const load = createRequire(import.meta.url);
const theirs = {
  record: load('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (parts: RecordParts) => Encoded,
  crc32c: load('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (bytes: Buffer) => number,
};

const buffer = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const bytes = fc.oneof(buffer, fc.string({ unit: 'grapheme', maxLength: 80 }));
const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/^\d|^__proto__$/.test(text));
const parts = fc.record({
  offsetDelta: fc.integer({ min: 0, max: 100_000 }),
  timestampDelta: fc.integer({ min: 0, max: 1_000_000 }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(name, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
});

describe('what stands in for parts of the client', () => {
  it('encodes a record byte for byte as the client does', () => {
    fc.assert(
      fc.property(parts, (record) => {
        const [own, its] = [encodeRecord(record), theirs.record(record)];
        expect(own.buf.subarray(0, own.offset).equals(its.buf.subarray(0, its.offset))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a delta that it could not write', () => {
    expect(() => encodeRecord({ timestampDelta: 2 ** 31 })).toThrow(RangeError);
  });

  it('gives the checksum that the client gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (list) => {
        const given = Buffer.from(list);
        expect(crc32c(given)).toBe(theirs.crc32c(given));
      }),
    );
    // From RFC 3720, B.4.
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  });
});
