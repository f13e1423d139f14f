import type { AwardRead, ProgramReads, WalletRead } from '../reconcile/compare.js';
import type { ProgramClient } from './program-client.js';

/** What the reconciliation asks of the public API. */
export function publicReads(client: ProgramClient): ProgramReads {
  const read = async (path: string): Promise<unknown> => {
    const { status, body } = await client.request('GET', path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path} answers ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    wallets: async (memberId) => {
      const answer = (await read(`/v1/members/${encodeURIComponent(memberId)}/wallets`)) as
        { wallets: WalletRead[] } | undefined;
      return answer?.wallets ?? [];
    },
    purchase: (orderId) => read(`/v1/purchases/${encodeURIComponent(orderId)}`),
    awards: async (orderId) => {
      const answer = (await read(`/v1/awards?order_id=${encodeURIComponent(orderId)}`)) as
        { items: AwardRead[] } | undefined;
      return answer?.items ?? [];
    },
  };
}
