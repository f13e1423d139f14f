type Bytes = Buffer | string | null | undefined;
type Headers = Readonly<Record<string, Bytes | readonly Bytes[]>>;

export interface RecordParts {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: Bytes;
  readonly value?: Bytes;
  readonly headers?: Headers;
}

/** What the client's own encoders take of one another: bytes, and how many of them count. */
export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  readonly offset: number;
  size(): number;
}

const NO_HEADERS: Headers = {};
/** Messages share their headers: what they look like in a record is made once. */
const encodedHeaders = new WeakMap<Headers, Buffer>();

/**
 * One record of a record batch (magic 2). The client's own makes an encoder of 512 zeroed bytes for the record and one for
 * each header, a buffer for every number, and copies them together; this one knows the size and writes once.
 */
export function encodeRecord(parts: RecordParts): Encoded {
  const { offsetDelta = 0, timestampDelta = 0, key, value, headers = NO_HEADERS } = parts;
  const keySize = sizeOf(key);
  const valueSize = sizeOf(value);
  const tail = headersOf(headers);
  const body =
    1 +
    varIntSize(timestampDelta) +
    varIntSize(offsetDelta) +
    varIntSize(keySize) +
    Math.max(0, keySize) +
    varIntSize(valueSize) +
    Math.max(0, valueSize) +
    tail.length;
  const bytes = Buffer.allocUnsafe(varIntSize(body) + body);
  let at = writeVarInt(bytes, 0, body);
  bytes[at] = 0; // attributes
  at = writeVarInt(bytes, at + 1, timestampDelta);
  at = writeVarInt(bytes, at, offsetDelta);
  at = write(bytes, writeVarInt(bytes, at, keySize), key);
  at = write(bytes, writeVarInt(bytes, at, valueSize), value);
  tail.copy(bytes, at);
  return { buf: bytes, buffer: bytes, offset: bytes.length, size: () => bytes.length };
}

function headersOf(headers: Headers): Buffer {
  const known = encodedHeaders.get(headers);
  if (known) return known;
  const list = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly Bytes[]) : [value as Bytes]).map(
      (one) => [name, one] as const,
    ),
  );
  const parts = [varInt(list.length)];
  for (const [name, value] of list) {
    parts.push(varInt(sizeOf(name)), Buffer.from(name), varInt(sizeOf(value)));
    if (value !== null && value !== undefined) parts.push(Buffer.from(value));
  }
  const encoded = Buffer.concat(parts);
  encodedHeaders.set(headers, encoded);
  return encoded;
}

/** -1 = none */
function sizeOf(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return -1;
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}

function write(into: Buffer, at: number, bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return at;
  return at + (typeof bytes === 'string' ? into.write(bytes, at) : bytes.copy(into, at));
}

const MAX_VAR_INT = 0x3fff_ffff;

function zigZag(value: number): number {
  // Above it the shift would overflow; a batch has one clock, so a delta never gets there.
  if (value > MAX_VAR_INT) throw new RangeError(`${value} is too large for a record`);
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function varIntSize(value: number): number {
  let size = 1;
  for (let rest = zigZag(value); rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}

function writeVarInt(into: Buffer, at: number, value: number): number {
  let rest = zigZag(value);
  let end = at;
  for (; rest > 0x7f; rest >>>= 7) {
    into[end] = (rest & 0x7f) | 0x80;
    end += 1;
  }
  into[end] = rest;
  return end + 1;
}

function varInt(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(varIntSize(value));
  writeVarInt(bytes, 0, value);
  return bytes;
}
