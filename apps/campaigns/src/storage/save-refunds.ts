import type { Transaction } from '@kizuna/database';
import { formatInstant } from '@kizuna/kernel';
import type { Clawback, RecordedRefund } from '../domain/order.js';
import type { ClawbackColumn } from './orders.repository.js';
import type { OrderWrite } from './order-write.js';

/** New refunds, and those whose state changed; `arrival` keeps the order in which they came. */
export async function saveRefunds(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) =>
    after.refunds.flatMap((refund, arrival) =>
      before.refunds.includes(refund) ? [] : [{ after, refund, arrival }],
    ),
  );
  if (rows.length === 0) return;
  const of = (pick: (refund: RecordedRefund) => unknown): unknown[] => rows.map(({ refund }) => pick(refund));
  await tx.query(
    `INSERT INTO refund AS r (program_id, order_id, refund_id, state, reason, member_id, event_id, data_hash, currency,
                              occurred_at, received_at, over_minor, amounts, arrival, clawbacks)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                          $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::jsonb[], $14::int[], $15::jsonb[])
     ON CONFLICT (program_id, order_id, refund_id)
     DO UPDATE SET state = excluded.state, reason = excluded.reason, over_minor = excluded.over_minor,
                   clawbacks = excluded.clawbacks`,
    [
      rows.map(({ after }) => after.programId),
      rows.map(({ after }) => after.orderId),
      of(({ refundId }) => refundId),
      of(({ state }) => state),
      of(({ reason }) => reason ?? null),
      of(({ memberId }) => memberId),
      of(({ eventId }) => eventId),
      of(({ dataHash }) => dataHash),
      of(({ currency }) => currency),
      of(({ occurredAt }) => formatInstant(occurredAt)),
      of(({ receivedAt }) => formatInstant(receivedAt)),
      of(({ over }) => String(over)),
      of(({ lines, amount_minor, full }) => JSON.stringify({ lines, amount_minor, full })),
      rows.map(({ arrival }) => arrival),
      of(({ clawbacks }) => (clawbacks.length > 0 ? JSON.stringify(clawbacks.map(clawbackColumn)) : null)),
    ],
  );
}

const clawbackColumn = ({ awardId, rule, wallet, taken, total }: Clawback): ClawbackColumn => [
  awardId,
  rule,
  wallet,
  String(taken),
  String(total),
];
