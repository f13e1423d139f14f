import {
  booleanArray,
  integerArray,
  jsonbArray,
  textArray,
  timestamptzArray,
  violatedConstraint,
  type Transaction,
} from '@kizuna/database';
import { formatInstant } from '@kizuna/kernel';
import { TryAgain } from '@kizuna/messaging';
import type { Order, RecordedPurchase } from '../domain/order.js';
import type { OrderWrite } from './order-write.js';
import { reviewIdOf } from '../domain/review.js';
import { insertAwards } from './insert-awards.js';
import { knownColumn } from './known-column.js';
import { openReviews, type OpenedReview } from './open-reviews.js';
import { saveRefunds } from './save-refunds.js';

/** Two lanes met at an order that neither had seen: the second one starts again and finds it. */
export class OrderRace extends TryAgain {
  override readonly name = 'OrderRace';
}

/** Writes what changed, set-based: a few statements for the whole chunk, rows in key order. */
export async function saveOrders(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  const changed = writes
    .filter(({ before, after }) => before !== after)
    .sort(({ after: a }, { after: b }) => compare(a.programId, b.programId) || compare(a.orderId, b.orderId));
  if (changed.length === 0) return;
  await insertPurchases(
    tx,
    changed.filter(({ before }) => isUnknown(before)),
  );
  await fillAwaited(
    tx,
    changed.filter(({ before, after }) => !isUnknown(before) && !before.purchase && after.purchase),
  );
  await changePurchases(
    tx,
    changed.filter(
      ({ before, after }) =>
        before.purchase && (before.purchase !== after.purchase || before.isCancelled !== after.isCancelled),
    ),
  );
  await saveRefunds(tx, changed);
  await insertNewAwards(tx, changed);
  await raiseClawbacks(tx, changed);
  await insertConflicts(tx, changed);
  await openReviews(tx, changed.flatMap(openedBy));
}

/** What a change has put under review: the purchase itself, or refunds of it. */
function openedBy({ before, after }: OrderWrite): OpenedReview[] {
  const { programId, orderId, purchase } = after;
  const about = { programId, businessRef: orderId };
  const refunds = after.refunds
    .filter((refund) => refund.state === 'review' && !before.refunds.includes(refund))
    .map(({ refundId, memberId, occurredAt, receivedAt }): OpenedReview => ({
      ...about,
      reviewId: reviewIdOf.refund(orderId, refundId),
      kind: 'refund',
      refundId,
      memberId,
      reason: 'late',
      occurredAt,
      openedAt: receivedAt,
    }));
  if (!purchase?.review || before.purchase?.review) return refunds;
  const { memberId, occurredAt, receivedAt, review } = purchase;
  const opened: OpenedReview = {
    ...about,
    reviewId: reviewIdOf.purchase(orderId),
    kind: 'purchase',
    refundId: undefined,
    memberId,
    reason: review,
    occurredAt,
    openedAt: receivedAt,
  };
  return [opened, ...refunds];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** No row yet: an order is written with its first purchase or refund. */
const isUnknown = ({ purchase, refunds }: Order): boolean => !purchase && refunds.length === 0;

const stateOf = (purchase: RecordedPurchase | undefined): string => {
  if (!purchase) return 'awaited';
  if (purchase.review) return 'review';
  return purchase.isRefused ? 'refused' : 'decided';
};

function purchaseColumns(writes: readonly OrderWrite[]): unknown[] {
  const purchases = writes.map(({ after }) => after.purchase);
  return [
    textArray(writes.map(({ after }) => after.programId)),
    textArray(writes.map(({ after }) => after.orderId)),
    textArray(purchases.map(stateOf)),
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
    integerArray(purchases.map((purchase) => purchase?.settingsRevision)),
    jsonbArray(purchases.map((purchase) => knownColumn(purchase?.known))),
    booleanArray(writes.map(({ after }) => after.isCancelled)),
  ];
}

const PURCHASE_ROWS = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::timestamptz[], $10::timestamptz[], $11::int[], $12::jsonb[], $13::text[], $14::int[], $15::jsonb[], $16::boolean[])
  AS n (program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency, occurred_at, received_at,
        rule_set_revision, lines, facts, settings_revision, known, is_cancelled)`;

async function insertPurchases(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const inserting = tx.query(
    {
      name: 'insert-purchases',
      // Without ON CONFLICT, for which every new row is marked a second time: a race undoes the whole chunk in any case.
      text: `INSERT INTO purchase (program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency,
                                   occurred_at, received_at, rule_set_revision, lines, facts, settings_revision, known,
                                   is_cancelled)
             SELECT program_id, order_id, state, review_reason, member_id, event_id, data_hash, currency, occurred_at,
                    received_at, rule_set_revision, lines, facts::json, settings_revision, known, is_cancelled
             FROM ${PURCHASE_ROWS}`,
    },
    purchaseColumns(writes),
  );
  await inserting.catch((error: unknown) => {
    if (violatedConstraint(error) !== 'purchase_pkey') throw error;
    throw new OrderRace('another lane recorded one of these orders just now', { cause: error });
  });
}

async function fillAwaited(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  if (writes.length === 0) return;
  await tx.query(
    `UPDATE purchase p
     SET state = n.state, review_reason = n.review_reason, member_id = n.member_id, event_id = n.event_id,
         data_hash = n.data_hash, currency = n.currency, occurred_at = n.occurred_at, received_at = n.received_at,
         rule_set_revision = n.rule_set_revision, lines = n.lines, facts = n.facts::json,
         settings_revision = n.settings_revision, known = n.known, is_cancelled = n.is_cancelled
     FROM ${PURCHASE_ROWS} WHERE p.program_id = n.program_id AND p.order_id = n.order_id`,
    purchaseColumns(writes),
  );
}

/** What can change of a recorded purchase: a review ends, or all of it comes back. */
async function changePurchases(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const purchases = writes.map(({ after }) => after.purchase);
  await tx.query(
    `UPDATE purchase p
     SET state = n.state, review_reason = n.review_reason, rule_set_revision = n.rule_set_revision,
         settings_revision = nullif(n.settings_revision, 0), known = n.known, is_cancelled = n.is_cancelled
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::jsonb[], $8::boolean[])
       AS n (program_id, order_id, state, review_reason, rule_set_revision, settings_revision, known, is_cancelled)
     WHERE p.program_id = n.program_id AND p.order_id = n.order_id`,
    [
      textArray(writes.map(({ after }) => after.programId)),
      textArray(writes.map(({ after }) => after.orderId)),
      textArray(purchases.map(stateOf)),
      textArray(purchases.map((purchase) => purchase?.review)),
      integerArray(purchases.map((purchase) => purchase?.ruleSetRevision)),
      integerArray(purchases.map((purchase) => purchase?.settingsRevision)),
      jsonbArray(purchases.map((purchase) => knownColumn(purchase?.known))),
      booleanArray(writes.map(({ after }) => after.isCancelled)),
    ],
  );
}

async function insertNewAwards(tx: Transaction, writes: readonly OrderWrite[]): Promise<void> {
  await insertAwards(
    tx,
    'purchase',
    writes.flatMap(({ before, after }) => {
      const known = new Set(before.awards.map(({ awardId }) => awardId));
      const { programId, orderId, purchase } = after;
      return after.awards
        .filter(({ awardId }) => !known.has(awardId))
        .map((award) => ({
          award,
          programId,
          businessRef: orderId,
          memberId: purchase?.memberId,
          occurredAt: purchase?.occurredAt,
        }));
    }),
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
    `INSERT INTO purchase_conflict (program_id, order_id, event_id, data_hash, received_at, member_id, occurred_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
                          $7::timestamptz[])`,
    [
      rows.map(({ after }) => after.programId),
      rows.map(({ after }) => after.orderId),
      rows.map(({ conflict }) => conflict.eventId),
      rows.map(({ conflict }) => conflict.dataHash),
      rows.map(({ conflict }) => formatInstant(conflict.receivedAt)),
      rows.map(({ conflict }) => conflict.memberId),
      rows.map(({ conflict }) => formatInstant(conflict.occurredAt)),
    ],
  );
}
