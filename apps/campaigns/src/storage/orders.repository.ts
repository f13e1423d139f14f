import type { PurchaseCompleted } from '@kizuna/contracts';
import { textArray, type Queryable, type Transaction } from '@kizuna/database';
import { instant, type Instant } from '@kizuna/kernel';
import {
  unknownOrder,
  type Clawback,
  type Order,
  type OrderLine,
  type RecordedPurchase,
  type RecordedRefund,
} from '../domain/order.js';
import type { RefundedAmounts } from '../domain/refunded-value.js';
import { awardOf, type AwardRow } from './award-row.js';
import { knownOf, type KnownColumn } from './known-column.js';

export interface OrderRef {
  readonly programId: string;
  readonly orderId: string;
}

export const orderName = ({ programId, orderId }: OrderRef): string => `${programId} ${orderId}`;

interface PurchaseRow extends Record<string, unknown> {
  program_id: string;
  order_id: string;
  state: 'awaited' | 'decided' | 'review' | 'refused';
  review_reason: RecordedPurchase['review'] | null;
  member_id: string | null;
  event_id: string;
  data_hash: string;
  currency: string;
  occurred_at: Date;
  received_at: Date;
  rule_set_revision: number;
  settings_revision: number | null;
  known: KnownColumn | null;
  is_cancelled: boolean;
  lines: [string, number, number][];
}

interface RefundRow extends Record<string, unknown> {
  program_id: string;
  order_id: string;
  refund_id: string;
  state: RecordedRefund['state'];
  reason: RecordedRefund['reason'] | null;
  member_id: string | null;
  event_id: string;
  data_hash: string;
  currency: string;
  occurred_at: Date;
  received_at: Date;
  over_minor: string;
  amounts: RefundedAmounts;
  clawbacks: ClawbackColumn[] | null;
}

/** Units are texts: they can be larger than JSON can carry safely. */
export type ClawbackColumn = [awardId: string, rule: string, wallet: string, taken: string, total: string];

interface ConflictRow extends Record<string, unknown> {
  program_id: string;
  order_id: string;
  event_id: string;
  data_hash: string;
  member_id: string | null;
  occurred_at: Date | null;
  received_at: Date;
}

/**
 * Locks the orders' rows in one order everywhere, then reads what is known of them. An order without a row cannot be
 * locked: two lanes that meet at a new one are told apart by its primary key, at the insert.
 */
export async function lockOrders(tx: Transaction, refs: readonly OrderRef[]): Promise<Map<string, Order>> {
  const orders = new Map(refs.map((ref) => [orderName(ref), unknownOrder(ref.programId, ref.orderId)]));
  const keys = [
    textArray(refs.map(({ programId }) => programId)),
    textArray(refs.map(({ orderId }) => orderId)),
  ];
  const purchases = await tx.query<PurchaseRow>(
    {
      name: 'lock-orders',
      text: `SELECT p.program_id, p.order_id, state, review_reason, member_id, event_id, data_hash, currency,
                    occurred_at, received_at, rule_set_revision, settings_revision, known, is_cancelled, lines
             FROM purchase p
             WHERE (p.program_id, p.order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
             ORDER BY p.program_id, p.order_id FOR UPDATE`,
    },
    keys,
  );
  if (purchases.length === 0) return orders;

  const known = [purchases.map((row) => row.program_id), purchases.map((row) => row.order_id)];
  const refunds = await tx.query<RefundRow>(
    `SELECT r.* FROM refund r JOIN unnest($1::text[], $2::text[]) AS k (program_id, order_id) USING (program_id, order_id)
     ORDER BY r.program_id, r.order_id, r.arrival`,
    known,
  );
  const awards = await tx.query<AwardRow>(
    `SELECT a.* FROM award a
     JOIN unnest($1::text[], $2::text[]) AS k (program_id, business_ref) USING (program_id, business_ref)
     WHERE a.kind = 'purchase' ORDER BY a.wallet, a.rule`,
    known,
  );
  const conflicts = await tx.query<ConflictRow>(
    `SELECT c.* FROM purchase_conflict c
     JOIN unnest($1::text[], $2::text[]) AS k (program_id, order_id) USING (program_id, order_id)`,
    known,
  );
  const group = <Row extends { program_id: string }>(rows: readonly Row[], orderId: (row: Row) => string) =>
    Map.groupBy(rows, (row) => orderName({ programId: row.program_id, orderId: orderId(row) }));
  const refundsOf = group(refunds, (row) => row.order_id);
  const awardsOf = group(awards, (row) => row.business_ref);
  const conflictsOf = group(conflicts, (row) => row.order_id);
  for (const row of purchases) {
    const name = orderName({ programId: row.program_id, orderId: row.order_id });
    orders.set(name, {
      programId: row.program_id,
      orderId: row.order_id,
      purchase: row.state === 'awaited' ? undefined : purchaseOf(row),
      refunds: (refundsOf.get(name) ?? []).map(refundOf),
      awards: (awardsOf.get(name) ?? []).map(awardOf),
      conflicts: (conflictsOf.get(name) ?? []).map((conflict) => ({
        eventId: conflict.event_id,
        dataHash: conflict.data_hash,
        memberId: conflict.member_id,
        occurredAt: at(conflict.occurred_at ?? conflict.received_at),
        receivedAt: at(conflict.received_at),
      })),
      isCancelled: row.is_cancelled,
    });
  }
  return orders;
}

/** The purchase as it came. */
export async function purchaseFacts(
  on: Queryable,
  { programId, orderId }: OrderRef,
): Promise<PurchaseCompleted | undefined> {
  const [row] = await on.query<{ facts: PurchaseCompleted | null }>(
    'SELECT facts FROM purchase WHERE program_id = $1 AND order_id = $2',
    [programId, orderId],
  );
  return row?.facts ?? undefined;
}

const at = (date: Date): Instant => instant(date);

function purchaseOf(row: PurchaseRow): RecordedPurchase {
  return {
    memberId: row.member_id,
    eventId: row.event_id,
    dataHash: row.data_hash,
    occurredAt: at(row.occurred_at),
    receivedAt: at(row.received_at),
    currency: row.currency,
    lines: row.lines.map(([lineId, paid, eligible]): OrderLine => ({
      lineId,
      paid: BigInt(paid),
      eligible: BigInt(eligible),
    })),
    review: row.review_reason ?? undefined,
    isRefused: row.state === 'refused',
    ruleSetRevision: row.rule_set_revision,
    settingsRevision: row.settings_revision ?? 0,
    known: knownOf(row.known),
  };
}

function refundOf(row: RefundRow): RecordedRefund {
  return {
    refundId: row.refund_id,
    memberId: row.member_id,
    eventId: row.event_id,
    dataHash: row.data_hash,
    occurredAt: at(row.occurred_at),
    receivedAt: at(row.received_at),
    currency: row.currency,
    state: row.state,
    reason: row.reason ?? undefined,
    over: BigInt(row.over_minor),
    clawbacks: (row.clawbacks ?? []).map(clawbackOf),
    ...row.amounts,
  };
}

export function clawbackOf([awardId, rule, wallet, taken, total]: ClawbackColumn): Clawback {
  return { awardId, rule, wallet, taken: BigInt(taken), total: BigInt(total) };
}
