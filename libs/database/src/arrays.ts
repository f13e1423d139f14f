/**
 * Arrays as PostgreSQL receives them in binary, for the parameters of set-based statements: the driver's own text form
 * escapes every element here and parses it again there, which costs both sides several microseconds an event.
 *
 * The element type must be the very one of the parameter, e.g. `textArray` for `$1::text[]`.
 */
const OID = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const;

const HEADER_BYTES = 20;
const NULL_LENGTH = -1;
const TWO_POW_32 = 2 ** 32;
/** PostgreSQL counts microseconds from 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

type Nullable<T> = T | null | undefined;

export const textArray = (values: readonly Nullable<string>[]): Buffer => texts(values, OID.text, 0);

/** Elements are JSON documents as text. */
export const jsonbArray = (values: readonly Nullable<string>[]): Buffer => texts(values, OID.jsonb, 1);

export function bigintArray(values: readonly Nullable<number | bigint>[]): Buffer {
  return fixed(values, OID.int8, 8, (bytes, at, value) => {
    if (typeof value === 'bigint') bytes.writeBigInt64BE(value, at);
    else writeInt64(bytes, at, value);
  });
}

export function integerArray(values: readonly Nullable<number>[]): Buffer {
  return fixed(values, OID.int4, 4, (bytes, at, value) => void bytes.writeInt32BE(value, at));
}

export function smallintArray(values: readonly Nullable<number>[]): Buffer {
  return fixed(values, OID.int2, 2, (bytes, at, value) => void bytes.writeInt16BE(value, at));
}

export function booleanArray(values: readonly Nullable<boolean>[]): Buffer {
  return fixed(values, OID.bool, 1, (bytes, at, value) => void (bytes[at] = value ? 1 : 0));
}

/** Milliseconds since 1970; `Infinity` is PostgreSQL's 'infinity'. */
export function timestamptzArray(values: readonly Nullable<number>[]): Buffer {
  return fixed(values, OID.timestamptz, 8, (bytes, at, ms) => {
    const micros = (ms - EPOCH_MS) * 1_000;
    if (Number.isSafeInteger(micros)) writeInt64(bytes, at, micros);
    else if (ms === Infinity) bytes.writeBigInt64BE(0x7fff_ffff_ffff_ffffn, at);
    // Beyond the year 2285.
    else bytes.writeBigInt64BE(BigInt(ms - EPOCH_MS) * 1_000n, at);
  });
}

/** Elements in their usual form, with hyphens. */
export function uuidArray(values: readonly Nullable<string>[]): Buffer {
  return fixed(values, OID.uuid, 16, (bytes, at, value) => {
    const written = bytes.write(value.replaceAll('-', ''), at, 16, 'hex');
    if (written !== 16) throw new TypeError(`not a UUID: ${value}`);
  });
}

function texts(values: readonly Nullable<string>[], oid: number, version: 0 | 1): Buffer {
  let size = HEADER_BYTES;
  const sizes = values.map((value) => {
    const own = value === null || value === undefined ? NULL_LENGTH : Buffer.byteLength(value) + version;
    size += 4 + Math.max(0, own);
    return own;
  });
  const bytes = Buffer.allocUnsafe(size);
  let at = header(bytes, values.length, oid, sizes.includes(NULL_LENGTH));
  for (const [index, value] of values.entries()) {
    at = bytes.writeInt32BE(sizes[index] ?? NULL_LENGTH, at);
    if (value === null || value === undefined) continue;
    if (version === 1) at = bytes.writeUInt8(version, at);
    at += bytes.write(value, at, 'utf8');
  }
  return bytes;
}

function fixed<Value>(
  values: readonly Nullable<Value>[],
  oid: number,
  width: number,
  write: (bytes: Buffer, at: number, value: Value) => void,
): Buffer {
  const nulls = values.reduce(
    (count, value) => (value === null || value === undefined ? count + 1 : count),
    0,
  );
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + values.length * 4 + (values.length - nulls) * width);
  let at = header(bytes, values.length, oid, nulls > 0);
  for (const value of values) {
    if (value === null || value === undefined) {
      at = bytes.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    at = bytes.writeInt32BE(width, at);
    write(bytes, at, value);
    at += width;
  }
  return bytes;
}

/** One dimension, counted from 1. */
function header(bytes: Buffer, length: number, oid: number, hasNull: boolean): number {
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(hasNull ? 1 : 0, 4);
  bytes.writeInt32BE(oid, 8);
  bytes.writeInt32BE(length, 12);
  return bytes.writeInt32BE(1, 16);
}

function writeInt64(bytes: Buffer, at: number, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
  bytes.writeInt32BE(Math.floor(value / TWO_POW_32), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}
