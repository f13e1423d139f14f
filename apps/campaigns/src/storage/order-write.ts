import type { Order } from '../domain/order.js';

/** An order before and after the chunk, with the facts of its purchase where that arrived in it. */
export interface OrderWrite {
  readonly before: Order;
  readonly after: Order;
  readonly facts: unknown;
}
