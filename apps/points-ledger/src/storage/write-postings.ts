import {
  bigintArray,
  booleanArray,
  integerArray,
  smallintArray,
  textArray,
  timestamptzArray,
  uuidArray,
  type Transaction,
} from '@kizuna/database';
import type { Redated } from '../domain/follow-activity.js';
import type { Posted } from '../domain/post-chunk.js';
import type { Lot, Transfer, Wallet } from '../domain/wallet.js';

/** Writes what was posted: five statements at most, rows in key order; one more where dates of lots have moved. */
export async function writePostings(
  tx: Transaction,
  lane: number,
  { wallets, newLots, changedLots, redatedLots, transfers }: Posted,
): Promise<void> {
  await insertLots(tx, newLots);
  await moveLots(tx, redatedLots);
  await updateLots(tx, [...changedLots, ...newLots.filter(hasBeenUsed)]);
  if (transfers.length === 0) return;
  await writeWallets(tx, [...wallets].sort(byKey));
  await insertTransfers(tx, transfers);
  await insertDeltas(tx, lane, transfers);
}

/** Lots are inserted as almost all of them are: with none of their units used for anything yet. */
const hasBeenUsed = ({ redeemed, expired, debtOffset }: Lot): boolean => redeemed + expired + debtOffset > 0;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a: Wallet, b: Wallet): number =>
  compare(a.programId, b.programId) || compare(a.memberId, b.memberId) || compare(a.wallet, b.wallet);

async function writeWallets(tx: Transaction, wallets: readonly Wallet[]): Promise<void> {
  const of = <Value>(pick: (wallet: Wallet) => Value): Value[] => wallets.map(pick);
  await tx.query(
    {
      name: 'write-wallets',
      text: `INSERT INTO wallet AS w (program_id, member_id, wallet, pending, available, held, debt, awarded_total,
                                      clawed_back_total, seq, last_activity_at)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                                  $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[])
             ON CONFLICT (program_id, member_id, wallet) DO UPDATE
             SET pending = excluded.pending, available = excluded.available, held = excluded.held, debt = excluded.debt,
                 awarded_total = excluded.awarded_total, clawed_back_total = excluded.clawed_back_total,
                 seq = excluded.seq, last_activity_at = excluded.last_activity_at, moved_at = now()`,
    },
    [
      textArray(of(({ programId }) => programId)),
      textArray(of(({ memberId }) => memberId)),
      textArray(of(({ wallet }) => wallet)),
      bigintArray(of(({ pending }) => pending)),
      bigintArray(of(({ available }) => available)),
      bigintArray(of(({ held }) => held)),
      bigintArray(of(({ debt }) => debt)),
      bigintArray(of(({ awardedTotal }) => awardedTotal)),
      bigintArray(of(({ clawedBackTotal }) => clawedBackTotal)),
      bigintArray(of(({ seq }) => seq)),
      timestamptzArray(of(({ lastActivityAt }) => lastActivityAt)),
    ],
  );
}

async function insertLots(tx: Transaction, lots: readonly Lot[]): Promise<void> {
  if (lots.length === 0) return;
  const of = <Value>(pick: (lot: Lot) => Value): Value[] => lots.map(pick);
  await tx.query(
    {
      name: 'insert-lots',
      text: `INSERT INTO lot (program_id, member_id, wallet, lot_id, amount, remaining, clawed_back, is_pending, occurred_at,
                              release_at, expires_at, origin, funding, business_ref, rule, rule_label,
                              rule_label_ja)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[],
                                  $8::boolean[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::text[],
                                  $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])`,
    },
    [
      textArray(of(({ programId }) => programId)),
      textArray(of(({ memberId }) => memberId)),
      textArray(of(({ wallet }) => wallet)),
      uuidArray(of(({ lotId }) => lotId)),
      bigintArray(of(({ amount }) => amount)),
      bigintArray(of(({ remaining }) => remaining)),
      bigintArray(of(({ clawedBack }) => clawedBack)),
      booleanArray(of(({ isPending }) => isPending)),
      timestamptzArray(of(({ occurredAt }) => occurredAt)),
      timestamptzArray(of(({ releaseAt }) => releaseAt)),
      timestamptzArray(of(({ expiresAt }) => expiresAt ?? Infinity)),
      textArray(of(({ origin }) => origin)),
      textArray(of(({ funding }) => funding)),
      textArray(of(({ businessRef }) => businessRef)),
      textArray(of(({ rule }) => rule)),
      textArray(of(({ ruleLabel }) => ruleLabel)),
      textArray(of(({ ruleLabelJa }) => ruleLabelJa)),
    ],
  );
}

/** Gives lots another date, which is a part of their key, before anything else of them is written under the new one. */
async function moveLots(tx: Transaction, redated: readonly Redated[]): Promise<void> {
  if (redated.length === 0) return;
  const of = <Value>(pick: (lot: Lot) => Value): Value[] => redated.map(({ lot }) => pick(lot));
  await tx.query(
    {
      name: 'move-lots',
      text: `UPDATE lot l SET expires_at = n.moved_to
             FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::timestamptz[], $6::timestamptz[],
                         $7::uuid[], $8::timestamptz[])
               AS n (program_id, member_id, wallet, priority, expires_at, occurred_at, lot_id, moved_to)
             WHERE l.program_id = n.program_id AND l.member_id = n.member_id AND l.wallet = n.wallet
               AND l.priority = n.priority AND l.expires_at = n.expires_at AND l.occurred_at = n.occurred_at
               AND l.lot_id = n.lot_id`,
    },
    [
      textArray(of(({ programId }) => programId)),
      textArray(of(({ memberId }) => memberId)),
      textArray(of(({ wallet }) => wallet)),
      smallintArray(of(({ priority }) => priority)),
      timestamptzArray(redated.map(({ from }) => from)),
      timestamptzArray(of(({ occurredAt }) => occurredAt)),
      uuidArray(of(({ lotId }) => lotId)),
      timestamptzArray(of(({ expiresAt }) => expiresAt ?? Infinity)),
    ],
  );
}

/** Found by their whole key: a wallet may have thousands of them. */
async function updateLots(tx: Transaction, lots: readonly Lot[]): Promise<void> {
  if (lots.length === 0) return;
  const of = <Value>(pick: (lot: Lot) => Value): Value[] => lots.map(pick);
  await tx.query(
    {
      name: 'update-lots',
      text: `UPDATE lot l
             SET remaining = n.remaining, clawed_back = n.clawed_back, is_pending = n.is_pending, redeemed = n.redeemed,
                 expired = n.expired, debt_offset = n.debt_offset
             FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::timestamptz[], $6::timestamptz[],
                         $7::uuid[], $8::bigint[], $9::bigint[], $10::boolean[], $11::bigint[], $12::bigint[], $13::bigint[])
               AS n (program_id, member_id, wallet, priority, expires_at, occurred_at, lot_id, remaining, clawed_back,
                     is_pending, redeemed, expired, debt_offset)
             WHERE l.program_id = n.program_id AND l.member_id = n.member_id AND l.wallet = n.wallet
               AND l.priority = n.priority AND l.expires_at = n.expires_at AND l.occurred_at = n.occurred_at
               AND l.lot_id = n.lot_id`,
    },
    [
      textArray(of(({ programId }) => programId)),
      textArray(of(({ memberId }) => memberId)),
      textArray(of(({ wallet }) => wallet)),
      smallintArray(of(({ priority }) => priority)),
      timestamptzArray(of(({ expiresAt }) => expiresAt ?? Infinity)),
      timestamptzArray(of(({ occurredAt }) => occurredAt)),
      uuidArray(of(({ lotId }) => lotId)),
      bigintArray(of(({ remaining }) => remaining)),
      bigintArray(of(({ clawedBack }) => clawedBack)),
      booleanArray(of(({ isPending }) => isPending)),
      bigintArray(of(({ redeemed }) => redeemed)),
      bigintArray(of(({ expired }) => expired)),
      bigintArray(of(({ debtOffset }) => debtOffset)),
    ],
  );
}

async function insertTransfers(tx: Transaction, transfers: readonly Transfer[]): Promise<void> {
  const of = <Value>(pick: (transfer: Transfer) => Value): Value[] => transfers.map(pick);
  await tx.query(
    {
      name: 'insert-transfers',
      text: `INSERT INTO transfer (transfer_id, program_id, member_id, wallet, seq, kind, debit, credit, amount, lot_id,
                                   business_ref, origin, funding, cause_event_id, effective_at, pending, available, held, debt)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
                                  $8::text[], $9::bigint[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[],
                                  $15::timestamptz[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[])`,
    },
    [
      uuidArray(of(({ transferId }) => transferId)),
      textArray(of(({ after }) => after.programId)),
      textArray(of(({ after }) => after.memberId)),
      textArray(of(({ after }) => after.wallet)),
      bigintArray(of(({ after }) => after.seq)),
      textArray(of(({ kind }) => kind)),
      textArray(of(({ debit }) => debit)),
      textArray(of(({ credit }) => credit)),
      bigintArray(of(({ amount }) => amount)),
      uuidArray(of(({ lotId }) => lotId)),
      textArray(of(({ businessRef }) => businessRef)),
      textArray(of(({ origin }) => origin)),
      textArray(of(({ funding }) => funding)),
      textArray(of(({ causeEventId }) => causeEventId)),
      timestamptzArray(of(({ effectiveAt }) => effectiveAt)),
      bigintArray(of(({ after }) => after.pending)),
      bigintArray(of(({ after }) => after.available)),
      bigintArray(of(({ after }) => after.held)),
      bigintArray(of(({ after }) => after.debt)),
    ],
  );
}

const WALLET_ACCOUNTS: ReadonlySet<string> = new Set(['pending', 'available', 'held', 'debt']);

/** What the chunk did to each system account, one row each: credits add, debits take away. */
async function insertDeltas(tx: Transaction, lane: number, transfers: readonly Transfer[]): Promise<void> {
  const deltas = new Map<string, { row: [string, string, string]; amount: number; count: number }>();
  for (const { debit, credit, amount, after } of transfers) {
    for (const [account, sign] of [
      [debit, -1],
      [credit, 1],
    ] as const) {
      if (WALLET_ACCOUNTS.has(account)) continue;
      const row: [string, string, string] = [after.programId, after.wallet, account];
      const known = deltas.get(row.join(' ')) ?? { row, amount: 0, count: 0 };
      deltas.set(row.join(' '), { row, amount: known.amount + sign * amount, count: known.count + 1 });
    }
  }
  const list = [...deltas.values()];
  await tx.query(
    {
      name: 'insert-deltas',
      text: `INSERT INTO system_account_delta (program_id, wallet, account, lane, amount, transfer_count)
             SELECT program_id, wallet, account, $4, amount, transfer_count
             FROM unnest($1::text[], $2::text[], $3::text[], $5::bigint[], $6::int[])
               AS n (program_id, wallet, account, amount, transfer_count)`,
    },
    [
      textArray(list.map(({ row }) => row[0])),
      textArray(list.map(({ row }) => row[1])),
      textArray(list.map(({ row }) => row[2])),
      lane,
      bigintArray(list.map(({ amount }) => amount)),
      integerArray(list.map(({ count }) => count)),
    ],
  );
}
