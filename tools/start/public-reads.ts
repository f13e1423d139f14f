import type { AwardRead, LotRead, ProgramReads, WalletRead } from '../reconcile/compare.js';
import type { ProgramClient } from './program-client.js';

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | null;
}

/** What the reconciliation asks of the public API. */
export function publicReads(client: ProgramClient): ProgramReads {
  const read = async (path: string, alsoNothing = 404): Promise<unknown> => {
    const { status, body } = await client.request('GET', path);
    if (status === 404 || status === alsoNothing) return undefined;
    if (status !== 200) throw new Error(`GET ${path} answers ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const pages = async <T>(path: string): Promise<T[]> => {
    const items: T[] = [];
    for (let cursor: string | undefined; ;) {
      const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const page = (await read(`${path}${query}`)) as Page<T> | undefined;
      items.push(...(page?.items ?? []));
      const next = page?.next_cursor ?? undefined;
      if (next === undefined || next === cursor) return items;
      cursor = next;
    }
  };
  return {
    wallets: async (memberId) => {
      const answer = (await read(`/v1/members/${encodeURIComponent(memberId)}/wallets`)) as
        { wallets: WalletRead[] } | undefined;
      return answer?.wallets ?? [];
    },
    lots: (memberId, wallet) =>
      pages<LotRead>(
        `/v1/members/${encodeURIComponent(memberId)}/wallets/${encodeURIComponent(wallet)}/lots`,
      ),
    purchase: (orderId) => read(`/v1/purchases/${encodeURIComponent(orderId)}`),
    awards: async (orderId) => {
      const answer = (await read(`/v1/awards?order_id=${encodeURIComponent(orderId)}`)) as
        { items: AwardRead[] } | undefined;
      return answer?.items ?? [];
    },
    engagement: (id) => read(`/v1/engagements/${encodeURIComponent(id)}`),
    review: (id) => read(`/v1/reviews/${encodeURIComponent(id)}`),
    redemption: (id) => read(`/v1/redemptions/${encodeURIComponent(id)}`, 422),
  };
}
