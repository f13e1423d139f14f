import { setTimeout as sleep } from 'node:timers/promises';
import type { SentRequest } from '../reconcile/calculation.js';
import type { ProgramClient } from './program-client.js';

const WORKERS = 4;
const BATCH = 100;
const PACED_BATCH = 4;

const TYPES = {
  purchase: 'kizuna.purchase.completed.v1',
  refund: 'kizuna.purchase.refunded.v1',
  engagement: 'kizuna.engagement.recorded.v1',
} as const;

/** One event that a storefront sends. */
export interface Streamed {
  readonly kind: keyof typeof TYPES;
  /** Whose it is: events of one are sent one after the other. */
  readonly member: string;
  /** For reports. */
  readonly name: string;
  readonly data: object;
}

export interface StreamResult {
  /** Every request with its answer, for the calculation. */
  readonly journal: readonly SentRequest[];
  /** What the front door refused. */
  readonly refused: readonly { readonly name: string; readonly sentence: string }[];
}

interface BatchAnswer {
  readonly results?: readonly { readonly status: number; readonly detail?: string; readonly code?: string }[];
}

/**
 * Sends the events in batches, a few at a time. Everything of one member goes one after the other: an event is sent
 * when the ones before it are acknowledged.
 */
export async function streamEvents(
  client: ProgramClient,
  events: readonly Streamed[],
  { pace, onProgress }: { readonly pace?: number | undefined; onProgress(acknowledged: number): void },
): Promise<StreamResult> {
  const journal: SentRequest[] = [];
  const refused: StreamResult['refused'][number][] = [];
  let acknowledged = 0;
  const send = async (batch: readonly Streamed[]): Promise<void> => {
    const body = batch.map(({ kind, data }) => ({ specversion: '1.0', type: TYPES[kind], data }));
    const received_at = new Date().toISOString();
    const { status, body: answer } = await client.request('POST', '/v1/events', body);
    journal.push({ path: '/v1/events', body, status, answer, received_at });
    const { results } = answer as BatchAnswer;
    if (!results) throw new Error(`POST /v1/events answers ${status}: ${JSON.stringify(answer)}`);
    results.forEach(({ status: itsStatus, code, detail }, index) => {
      if (itsStatus !== 202)
        refused.push(refusal(batch[index], `${itsStatus} ${code ?? ''} ${detail ?? ''}`));
    });
    acknowledged += batch.length;
    onProgress(acknowledged);
  };
  await Promise.all(
    queues(events).map(async (queue) => {
      const size = pace ? PACED_BATCH : BATCH;
      for (let from = 0; from < queue.length; from += size) {
        await send(queue.slice(from, from + size));
        if (pace) await sleep((size * WORKERS * 1_000) / pace);
      }
    }),
  );
  return { journal, refused };
}

function queues(events: readonly Streamed[]): Streamed[][] {
  const lists = Array.from({ length: WORKERS }, (): Streamed[] => []);
  for (const event of events) lists[hash(event.member) % WORKERS]?.push(event);
  return lists;
}

function refusal(event: Streamed | undefined, reason: string): StreamResult['refused'][number] {
  const name = event?.name ?? '';
  return { name, sentence: `${name}: ${reason}` };
}

function hash(text: string): number {
  let value = 0;
  for (const char of text) value = (Math.imul(value, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
