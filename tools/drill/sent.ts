import type { SentRequest } from '../reconcile/calculation.js';
import { isEngagement, subjectOf, type StoreEvent } from './store-events.js';

export const REDEMPTIONS = '/v1/redemptions';

export interface SentRedemption {
  readonly redemption_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly units: number;
}

interface RedemptionAnswer {
  readonly code?: string;
  readonly available?: number;
  readonly after?: { readonly available: number };
}

/** What was taken in, in the order of the answers, repetitions included. */
export function acknowledgedEvents(requests: readonly SentRequest[]): StoreEvent[] {
  return requests.flatMap(({ path, body, answer }) => {
    if (path !== '/v1/events') return [];
    const { results = [] } = (answer ?? {}) as { results?: readonly { status: number }[] };
    return (body as readonly StoreEvent[]).filter((_, index) => results[index]?.status === 202);
  });
}

/** @returns a sentence for each event that was not taken in */
export function resultsOf(
  { status, body }: { readonly status: number; readonly body: unknown },
  batch: readonly StoreEvent[],
): string[] {
  const { results } = (body ?? {}) as { results?: readonly { status: number; detail?: string }[] };
  return batch.flatMap((event, index) => {
    const one = results?.[index];
    if (one?.status === 202) return [];
    return [
      `${event.type} of ${subjectOf(event)}: ${one ? `${one.status} ${one.detail ?? ''}` : `the batch is answered ${status} ${JSON.stringify(body)}`}`,
    ];
  });
}

export const isRedemption = ({ path }: SentRequest): boolean => path === REDEMPTIONS;

/** The first answer to each redemption id. */
export function firstAnswers(requests: readonly SentRequest[]): ReadonlyMap<string, SentRequest> {
  const first = new Map<string, SentRequest>();
  for (const request of requests.filter(isRedemption)) {
    const { redemption_id: id } = request.body as SentRedemption;
    if (!first.has(id)) first.set(id, request);
  }
  return first;
}

export interface SentCounts {
  /** Repetitions included. */
  readonly engagements: number;
  readonly redemptions: number;
  readonly redemptionsRefused: number;
  readonly redemptionsRepeated: number;
}

export function sentCounts(requests: readonly SentRequest[]): SentCounts {
  const first = firstAnswers(requests);
  return {
    engagements: acknowledgedEvents(requests).filter(isEngagement).length,
    redemptions: first.size,
    redemptionsRefused: [...first.values()].filter(({ status }) => status > 299).length,
    redemptionsRepeated: requests.filter(isRedemption).length - first.size,
  };
}

/**
 * Redemptions that competed, in the one order that their answers tell: each says what was available when it was decided.
 * If there is no such order, the calculation finds figures that cannot be.
 */
export function inDecidedOrder(requests: readonly SentRequest[]): SentRequest[] {
  const groups = Map.groupBy(requests, (request) => request.parallel ?? request);
  return [...groups.values()].flatMap((group) =>
    group
      .toSorted((a, b) => leftAfter(b) - leftAfter(a) || a.status - b.status)
      .map(({ path, body, status, answer }) => ({ path, body, status, answer })),
  );
}

function leftAfter({ answer }: SentRequest): number {
  const { after, available } = (answer ?? {}) as RedemptionAnswer;
  return after?.available ?? available ?? 0;
}
