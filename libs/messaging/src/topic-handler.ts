import type { EventContract } from '@kizuna/contracts';
import type { Transaction } from '@kizuna/database';
import type { Chunk } from './chunk.js';
import type { OutgoingEvent } from './outbox.js';

/** What a room does with one topic. */
export interface TopicHandler {
  readonly group: string;
  readonly topic: string;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly inbox: boolean;
  readonly isCompacted: boolean;
  handle(chunk: Chunk, tx: Transaction): Promise<readonly OutgoingEvent[]>;
}

export interface HandledChunk {
  readonly topic: string;
  readonly lane: number;
  readonly events: number;
  readonly repetitions: number;
  readonly skipped: number;
  readonly parked: number;
  readonly ms: number;
}
