import {
  bigintArray,
  integerArray,
  jsonbArray,
  textArray,
  timestamptzArray,
  uuidArray,
  type Transaction,
} from '@kizuna/database';
import { formatInstant } from '@kizuna/kernel';
import { TryAgain } from '@kizuna/messaging';
import type { Award, Order, RecordedRefund } from '../domain/order.js';

/** Two lanes met at an order that neither had seen: the second one starts again and finds it. */
export class OrderRace extends TryAgain {
  override readonly name = 'OrderRace';
}

/** An order before and after the chunk, with the facts of its purchase where that arrived in it. */
export interface OrderWrite {
  readonly before: Order;
  readonly after: Order;
  readonly facts: unknown;
}

/** Writes what changed, set-based: a few statements for the whole chunk, rows in key order. */
export async function saveOrders(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const changed = writes
    .filter(({ before, after }) => before !== after)
    .sort((a, b) =>
      compare(`${a.after.programId} ${a.after.orderId}`, `${b.after.programId} ${b.after.orderId}`),
    );
  if (changed.length === 0) return;
  await insertPurchases(
    tx,
    changed.filter(({ before }) => isUnknown(before)),
  );
  await fillAwaited(
    tx,
    changed.filter(({ before, after }) => !isUnknown(before) && !before.purchase && after.purchase),
  );
  await saveRefunds(tx, changed);
  await insertAwards(tx, changed);
  await raiseClawbacks(tx, changed);
  await insertConflicts(tx, changed);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** No row yet: an order is written with its first purchase or refund. */
const isUnknown = ({ purchase, refunds }: Order): boolean => !purchase && refunds.length === 0;

function purchaseColumns(writes: readonly OrderWrite[]): unknown[] {
  const purchases = writes.map(({ after }) => after.purchase);
  return [
    textArray(writes.map(({ after }) => after.programId)),
    textArray(writes.map(({ after }) => after.orderId)),
    textArray(purchases.map((purchase) => (!purchase ? 'awaited' : purchase.review ? 'review' : 'decided'))),
    textArray(purchases.map((purchase) => purchase?.review)),
    textArray(purchases.map((purchase) => purchase?.memberId)),
    textArray(purchases.map((purchase) => purchase?.eventId)),
    textArray(purchases.map((purchase) => purchase?.dataHash)),
    textArray(purchases.map((purchase) => purchase?.currency)),
    timestamptzArray(purchases.map((purchase) => purchase?.occurredAt)),
    timestamptzArray(purchases.map((purchase) => purchase?.receivedAt)),
    integerArray(purchases.map((purchase) => purchase?.ruleSetRevision)),
    jsonbArray(
      purchases.map((purchase) =>
        purchase
          ? JSON.stringify(
              purchase.lines.map(({ lineId, paid, eligible }) => [lineId, Number(paid), Number(eligible)]),
            )
          : null,
      ),
    ),
    textArray(writes.map(({ after, facts }) => (after.purchase ? JSON.stringify(facts) : null))),
  ];
}

const PURCHASE_ROWS = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::timestamptz[], $10::timestamptz[], $11::int[], $12::jsonb[], $13::text[])
  AS n (program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency, occurred_at, received_at,
        rule_set_revision, lines, facts)`;

async function insertPurchases(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const inserted = await tx.query(
    {
      name: 'insert-purchases',
      text: `INSERT INTO purchase (program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency,
                                   occurred_at, received_at, rule_set_revision, lines, facts)
             SELECT program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency, occurred_at,
                    received_at, rule_set_revision, lines, facts::json
             FROM ${PURCHASE_ROWS} ON CONFLICT (program_id, order_id) DO NOTHING RETURNING 1`,
    },
    purchaseColumns(writes),
  );
  if (inserted.length !== writes.length)
    throw new OrderRace('another lane recorded one of these orders just now');
}

async function fillAwaited(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  if (writes.length === 0) return;
  await tx.query(
    `UPDATE purchase p
     SET state = n.state, review_reason = n.review_reason, member_id = n.member_id, event_id = n.event_id,
         data_hash = n.data_hash, currency = n.currency, occurred_at = n.occurred_at, received_at = n.received_at,
         rule_set_revision = n.rule_set_revision, lines = n.lines, facts = n.facts::json
     FROM ${PURCHASE_ROWS} WHERE p.program_id = n.program_id AND p.order_id = n.order_id`,
    purchaseColumns(writes),
  );
}

async function saveRefunds(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) =>
    after.refunds.flatMap((refund, arrival) =>
      before.refunds.includes(refund) ? [] : [{ after, refund, arrival }],
    ),
  );
  if (rows.length === 0) return;
  const of = (pick: (refund: RecordedRefund) => unknown): unknown[] => rows.map(({ refund }) => pick(refund));
  await tx.query(
    `INSERT INTO refund AS r (program_id, order_id, refund_id, state, reason, member_id, event_id, data_hash, currency,
                              occurred_at, received_at, over_minor, amounts, arrival)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                          $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::jsonb[], $14::int[])
     ON CONFLICT (program_id, order_id, refund_id)
     DO UPDATE SET state = excluded.state, reason = excluded.reason, over_minor = excluded.over_minor`,
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
    ],
  );
}

async function insertAwards(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) => {
    const known = new Set(before.awards.map(({ awardId }) => awardId));
    return after.awards.filter(({ awardId }) => !known.has(awardId)).map((award) => ({ after, award }));
  });
  if (rows.length === 0) return;
  const of = <Value>(pick: (award: Award) => Value): Value[] => rows.map(({ award }) => pick(award));
  await tx.query(
    {
      name: 'insert-awards',
      text: `INSERT INTO award (program_id, kind, business_ref, member_id, occurred_at, rule, wallet, award_id, rule_version,
                                amount, lines, clawback_total, origin, funding)
             SELECT program_id, 'purchase', order_id, member_id, occurred_at, rule, wallet, award_id, rule_version, amount,
                    lines::bigint[], clawback_total, 'purchase', 'brand'
             FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::uuid[], $8::int[],
                         $9::bigint[], $10::text[], $11::bigint[])
               AS n (program_id, order_id, member_id, occurred_at, rule, wallet, award_id, rule_version, amount, lines,
                     clawback_total)`,
    },
    [
      textArray(rows.map(({ after }) => after.programId)),
      textArray(rows.map(({ after }) => after.orderId)),
      textArray(rows.map(({ after }) => after.purchase?.memberId)),
      timestamptzArray(rows.map(({ after }) => after.purchase?.occurredAt)),
      textArray(of(({ rule }) => rule)),
      textArray(of(({ wallet }) => wallet)),
      uuidArray(of(({ awardId }) => awardId)),
      integerArray(of(({ ruleVersion }) => ruleVersion)),
      bigintArray(of(({ amount }) => amount)),
      textArray(of(({ lines }) => `{${lines.join(',')}}`)),
      bigintArray(of(({ clawbackTotal }) => clawbackTotal)),
    ],
  );
}

async function raiseClawbacks(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) => {
    const totals = new Map(before.awards.map(({ awardId, clawbackTotal }) => [awardId, clawbackTotal]));
    return after.awards
      .filter(({ awardId, clawbackTotal }) => totals.has(awardId) && totals.get(awardId) !== clawbackTotal)
      .map((award) => ({ after, award }));
  });
  if (rows.length === 0) return;
  await tx.query(
    `UPDATE award a SET clawback_total = n.clawback_total
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
       AS n (program_id, order_id, rule, wallet, clawback_total)
     WHERE a.program_id = n.program_id AND a.kind = 'purchase' AND a.business_ref = n.order_id
       AND a.rule = n.rule AND a.wallet = n.wallet`,
    [
      rows.map(({ after }) => after.programId),
      rows.map(({ after }) => after.orderId),
      rows.map(({ award }) => award.rule),
      rows.map(({ award }) => award.wallet),
      rows.map(({ award }) => String(award.clawbackTotal)),
    ],
  );
}

async function insertConflicts(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const rows = writes.flatMap(({ before, after }) =>
    after.conflicts
      .filter((conflict) => !before.conflicts.includes(conflict))
      .map((conflict) => ({ after, conflict })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO purchase_conflict (program_id, order_id, event_id, data_hash, received_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      rows.map(({ after }) => after.programId),
      rows.map(({ after }) => after.orderId),
      rows.map(({ conflict }) => conflict.eventId),
      rows.map(({ conflict }) => conflict.dataHash),
      rows.map(({ conflict }) => formatInstant(conflict.receivedAt)),
    ],
  );
}
