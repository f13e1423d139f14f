import type { OrderRequest } from '../orders/orders-file.js';
import type { ProgramClient } from './program-client.js';
import { streamEvents, type Streamed, type StreamResult } from './stream-events.js';

/** Sends the purchases and refunds of an orders file. */
export function streamOrders(
  client: ProgramClient,
  requests: readonly OrderRequest[],
  options: { readonly pace?: number | undefined; onProgress(acknowledged: number): void },
): Promise<StreamResult> {
  return streamEvents(client, requests.map(streamed), options);
}

function streamed(request: OrderRequest): Streamed {
  const orderId = request.kind === 'purchase' ? request.body.order_id : request.orderId;
  return {
    kind: request.kind,
    member: request.body.member_id ?? `order:${orderId}`,
    name: `${request.kind} ${orderId}`,
    data: request.body,
  };
}
