import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SentRequest } from '../reconcile/calculation.js';
import type { ProgramClient } from './program-client.js';

const VISIBLE_WITHIN_MS = 30_000;

export interface FirstPurchase {
  readonly memberId: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** To be pasted into a shell. */
  readonly purchaseCommand: string;
  readonly balanceCommand: string;
}

/** A purchase of now for a member of its own, as a storefront would send it. */
export function firstPurchase({ url, apiKey }: ProgramClient, currency: string, now: Date): FirstPurchase {
  const stamp = now.toISOString().replaceAll(/[-:T]|\..*$/g, '');
  const memberId = `me-${stamp}`;
  const body = {
    order_id: `my-${stamp}`,
    member_id: memberId,
    occurred_at: now.toISOString(),
    currency,
    channel: 'web',
    lines: [
      { line_id: '1', sku: 'MATCHA', name: 'Matcha', quantity: 2, unit_price_minor: 1980, discount_minor: 0 },
      { line_id: '2', sku: 'CUPS', name: 'Cups', quantity: 1, unit_price_minor: 3500, discount_minor: 0 },
    ],
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
  };
  const authorization = `-H 'Authorization: Bearer ${apiKey}'`;
  return {
    memberId,
    body,
    purchaseCommand: [
      `curl -s ${url}/v1/purchases`,
      authorization,
      `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
    ].join(' \\\n  '),
    balanceCommand: `curl -s ${url}/v1/members/${memberId}/wallets/points \\\n  ${authorization}`,
  };
}

/** Runs what is printed, exactly as it is printed, and waits for the points. @returns what the calculation must know */
export async function proveFirstPurchase(
  client: ProgramClient,
  { body, memberId, purchaseCommand }: FirstPurchase,
): Promise<{ readonly sent: SentRequest; readonly answer: string; readonly balance: unknown }> {
  const answer =
    runInShell(purchaseCommand) ?? JSON.stringify((await client.request('POST', '/v1/purchases', body)).body);
  const accepted = JSON.parse(answer) as { event_id?: string };
  if (!accepted.event_id) throw new Error(`the first purchase is refused: ${answer}`);
  const until = Date.now() + VISIBLE_WITHIN_MS;
  for (;;) {
    const { status, body: balance } = await client.request('GET', `/v1/members/${memberId}/wallets/points`);
    if (status === 200)
      return { answer, balance, sent: { path: '/v1/purchases', body, status: 202, answer: accepted } };
    if (Date.now() > until) throw new Error(`the points of the first purchase are not visible: ${status}`);
    await sleep(50);
  }
}

/** Undefined where there is no curl. */
function runInShell(command: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}
