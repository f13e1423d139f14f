import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderRequest } from '../orders/orders-file.js';
import type { SentRequest } from '../reconcile/calculation.js';
import type { ProgramClient } from './program-client.js';

const WORKERS = 4;
const BATCH = 100;
const PACED_BATCH = 4;

const TYPES = {
  purchase: 'kizuna.purchase.completed.v1',
  refund: 'kizuna.purchase.refunded.v1',
} as const satisfies Record<OrderRequest['kind'], string>;

export interface StreamResult {
  /** Every request with its answer, for the calculation. */
  readonly journal: readonly SentRequest[];
  /** What the front door refused, a sentence each. */
  readonly refused: readonly string[];
}

interface BatchAnswer {
  readonly results?: readonly { readonly status: number; readonly detail?: string; readonly code?: string }[];
}

/**
 * Sends the requests in batches, a few at a time. Everything of one member goes one after the other: an event is sent
 * when the ones before it are acknowledged.
 */
export async function streamOrders(
  client: ProgramClient,
  requests: readonly OrderRequest[],
  { pace, onProgress }: { readonly pace?: number | undefined; onProgress(acknowledged: number): void },
): Promise<StreamResult> {
  const journal: SentRequest[] = [];
  const refused: string[] = [];
  let acknowledged = 0;
  const send = async (batch: readonly OrderRequest[]): Promise<void> => {
    const body = batch.map(({ kind, body: data }) => ({ specversion: '1.0', type: TYPES[kind], data }));
    const { status, body: answer } = await client.request('POST', '/v1/events', body);
    journal.push({ path: '/v1/events', body, status, answer });
    const { results } = answer as BatchAnswer;
    if (!results) throw new Error(`POST /v1/events answers ${status}: ${JSON.stringify(answer)}`);
    results.forEach(({ status: itsStatus, code, detail }, index) => {
      if (itsStatus !== 202)
        refused.push(`${nameOf(batch[index])}: ${itsStatus} ${code ?? ''} ${detail ?? ''}`);
    });
    acknowledged += batch.length;
    onProgress(acknowledged);
  };
  await Promise.all(
    queues(requests).map(async (queue) => {
      const size = pace ? PACED_BATCH : BATCH;
      for (let from = 0; from < queue.length; from += size) {
        await send(queue.slice(from, from + size));
        if (pace) await sleep((size * WORKERS * 1_000) / pace);
      }
    }),
  );
  return { journal, refused };
}

function queues(requests: readonly OrderRequest[]): OrderRequest[][] {
  const lists = Array.from({ length: WORKERS }, (): OrderRequest[] => []);
  for (const request of requests) lists[hash(memberOf(request)) % WORKERS]?.push(request);
  return lists;
}

const orderOf = (request: OrderRequest): string =>
  request.kind === 'purchase' ? request.body.order_id : request.orderId;
const memberOf = (request: OrderRequest): string => request.body.member_id ?? `order:${orderOf(request)}`;
const nameOf = (request: OrderRequest | undefined): string =>
  request ? `${request.kind} ${orderOf(request)}` : '';

function hash(text: string): number {
  let value = 0;
  for (const char of text) value = (Math.imul(value, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
