import { BaseRpcContext } from '@nestjs/microservices';
import type { Transaction } from '@kizuna/database';
import type { ReceivedEvent } from './events.js';
import type { LaneAddress, LaneHold } from './lane-position.js';
import type { FetchedMessage } from './port.js';

const MAX_CHUNK_MESSAGES = 1_000;
const MAX_CHUNK_BYTES = 1_048_576;

/** A run of events of one lane, in order, handled in one transaction. */
export interface Chunk<Event extends ReceivedEvent = ReceivedEvent> {
  readonly topic: string;
  readonly lane: number;
  readonly events: readonly Event[];
}

/** What a chunk handler gets beside the chunk: the transaction in which all of its effects belong. */
export class ChunkContext extends BaseRpcContext<[Transaction]> {
  get tx(): Transaction {
    return this.args[0];
  }
}

/** Messages that are handled together: the lane stands at `from` before them and at `nextOffset` after them. */
export interface RawChunk {
  readonly messages: readonly FetchedMessage[];
  readonly from: number;
  readonly nextOffset: number;
}

/** One lane's share of a transaction. */
export interface LaneChunk {
  readonly address: LaneAddress;
  readonly hold: LaneHold;
  readonly raw: RawChunk;
}

/**
 * Cuts a fetched batch by count and bytes: one compressed fetch can hold hundreds of thousands of messages.
 * `maxMessages` 1 is the careful way, after a death at this place.
 */
export function* cut(
  messages: readonly FetchedMessage[],
  start: number,
  nextOffset: number,
  maxMessages = MAX_CHUNK_MESSAGES,
): Generator<RawChunk> {
  let first = 0;
  let from = start;
  let bytes = 0;
  for (const [index, { offset, value }] of messages.entries()) {
    const size = value?.length ?? 0;
    const isFull = index - first >= maxMessages || (index > first && bytes + size > MAX_CHUNK_BYTES);
    if (isFull) {
      yield { messages: messages.slice(first, index), from, nextOffset: offset };
      first = index;
      from = offset;
      bytes = 0;
    }
    bytes += size;
  }
  yield { messages: messages.slice(first), from, nextOffset };
}

/** The two halves of a chunk of two messages or more. */
export function halve({ messages, from, nextOffset }: RawChunk): [RawChunk, RawChunk] {
  const middle = Math.floor(messages.length / 2);
  const between = messages[middle]?.offset ?? nextOffset;
  return [
    { messages: messages.slice(0, middle), from, nextOffset: between },
    { messages: messages.slice(middle), from: between, nextOffset },
  ];
}
