import type { Databases } from './databases.js';

/** A query that finds what must not be: one sentence per row. */
type Search = readonly [what: string, sql: string];

const FIGURES = ['pending', 'available', 'held', 'debt'] as const;

/** Credits add to an account and debits take away; debt is what a member owes, so it counts the other way round. */
const moved = (account: (typeof FIGURES)[number]): string =>
  `${account === 'debt' ? '-' : ''}(coalesce(sum(amount) FILTER (WHERE credit = '${account}'), 0)
     - coalesce(sum(amount) FILTER (WHERE debit = '${account}'), 0)) AS ${account}`;

const NAME = `program_id || ':' || member_id || '/' || wallet`;

const SUMS_TO_ZERO: readonly Search[] = [
  [
    'wallets and system accounts do not add up to zero',
    `SELECT program_id || '/' || wallet || ': ' || sum(amount) AS found FROM (
       SELECT program_id, wallet, pending + available + held - debt AS amount FROM wallet
       UNION ALL SELECT program_id, wallet, amount FROM system_account_delta
     ) AS accounts GROUP BY program_id, wallet HAVING sum(amount) <> 0`,
  ],
  [
    'a system account is not the sum of its transfers',
    `SELECT coalesce(d.account, t.account) || ': ' || coalesce(d.amount, 0) || ' and ' || coalesce(t.amount, 0) AS found
     FROM (SELECT program_id, wallet, account, sum(amount) AS amount FROM system_account_delta GROUP BY 1, 2, 3) AS d
     FULL JOIN (
       SELECT program_id, wallet, account, sum(amount) AS amount FROM (
         SELECT program_id, wallet, credit AS account, amount FROM transfer
         UNION ALL SELECT program_id, wallet, debit, -amount FROM transfer
       ) AS sides WHERE account NOT IN ('pending', 'available', 'held', 'debt') GROUP BY 1, 2, 3
     ) AS t USING (program_id, wallet, account)
     WHERE d.amount IS DISTINCT FROM t.amount`,
  ],
];

const NOT_NEGATIVE: readonly Search[] = [
  [
    'a wallet has a negative figure',
    `SELECT ${NAME} AS found FROM wallet w WHERE least(pending, available, held, debt) < 0`,
  ],
  [
    'a lot is negative',
    `SELECT lot_id::text AS found FROM lot WHERE least(remaining, clawed_back, redeemed, expired, debt_offset) < 0`,
  ],
  [
    'a transfer left a negative figure',
    `SELECT transfer_id::text AS found FROM transfer WHERE least(pending, available, held, debt) < 0`,
  ],
];

const SUMS_OF_PARTS: readonly Search[] = [
  [
    'pending and available are not what is left of the lots',
    `SELECT ${NAME} AS found FROM wallet w
     FULL JOIN (
       SELECT program_id, member_id, wallet, coalesce(sum(remaining) FILTER (WHERE is_pending), 0) AS waiting,
         coalesce(sum(remaining) FILTER (WHERE NOT is_pending), 0) AS usable
       FROM lot GROUP BY 1, 2, 3
     ) AS l USING (program_id, member_id, wallet)
     WHERE (w.pending, w.available) IS DISTINCT FROM (coalesce(l.waiting, 0), coalesce(l.usable, 0))`,
  ],
  [
    'the figures are not the sum of the transfers',
    `SELECT ${NAME} AS found FROM wallet w
     FULL JOIN (SELECT program_id, member_id, wallet, ${FIGURES.map(moved).join(', ')} FROM transfer GROUP BY 1, 2, 3) AS t
       USING (program_id, member_id, wallet)
     WHERE (w.pending, w.available, w.held, w.debt) IS DISTINCT FROM (t.pending, t.available, t.held, t.debt)`,
  ],
  [
    // A redemption takes from several lots: which, is in its split. What is owed or uncollected was taken from no lot.
    'a lot is not what its transfers and redemptions left of it',
    `SELECT lot_id::text AS found FROM lot l
     LEFT JOIN (
       SELECT lot_id, coalesce(sum(amount) FILTER (WHERE kind = 'award'), 0) AS awarded,
         coalesce(sum(amount) FILTER (WHERE kind = 'clawback' AND debit IN ('pending', 'available')), 0) AS taken,
         coalesce(sum(amount) FILTER (WHERE kind = 'expiry'), 0) AS expired,
         coalesce(sum(amount) FILTER (WHERE kind = 'debt_offset'), 0) AS debt_offset
       FROM transfer WHERE lot_id IS NOT NULL GROUP BY lot_id
     ) AS t USING (lot_id)
     LEFT JOIN (
       SELECT s.lot_id, sum(s.units) AS redeemed
       FROM redemption r CROSS JOIN LATERAL jsonb_to_recordset(r.split) AS s (lot_id uuid, units bigint) GROUP BY 1
     ) AS r USING (lot_id)
     WHERE (l.amount, l.expired, l.debt_offset, l.redeemed, l.remaining) IS DISTINCT FROM
       (t.awarded, t.expired, t.debt_offset, coalesce(r.redeemed, 0),
        t.awarded - t.taken - t.expired - t.debt_offset - coalesce(r.redeemed, 0))`,
  ],
  [
    // A release moves the units of one lot from one figure to the other, once.
    'a lot waits although it was released, or was released more than once',
    `SELECT lot_id::text AS found FROM lot l
     JOIN (SELECT lot_id, count(*) AS count FROM transfer WHERE kind = 'release' GROUP BY lot_id) AS t USING (lot_id)
     WHERE l.is_pending OR t.count > 1`,
  ],
  [
    'a redemption has not the one transfer of its units',
    `SELECT coalesce(r.redemption_id, t.business_ref) AS found
     FROM (
       SELECT transfer_id, redemption_id, units, member_id, wallet,
         (SELECT sum(s.units) FROM jsonb_to_recordset(split) AS s (units bigint)) AS split_units
       FROM redemption WHERE refusal IS NULL
     ) AS r
     FULL JOIN (SELECT * FROM transfer WHERE kind = 'redemption') AS t USING (transfer_id)
     WHERE (r.units, r.split_units, r.member_id, r.wallet) IS DISTINCT FROM (t.amount, t.amount, t.member_id, t.wallet)`,
  ],
  [
    // What was asked back of an award was taken from some lot, is owed, or is uncollected, unless it had expired.
    'what was taken back is not what was asked back',
    `SELECT lot_id::text AS found FROM lot l
     LEFT JOIN (
       SELECT split_part(cause_event_id, ':', 2) AS award, sum(amount) AS taken FROM transfer
       WHERE kind = 'clawback' GROUP BY 1
     ) AS t ON t.award = l.lot_id::text
     WHERE coalesce(t.taken, 0) NOT BETWEEN least(l.clawed_back, l.amount - l.expired) AND l.clawed_back`,
  ],
  [
    'the transfers of a wallet are not numbered without a gap',
    `SELECT ${NAME} AS found FROM wallet w
     LEFT JOIN (
       SELECT program_id, member_id, wallet, count(*) AS count, count(DISTINCT seq) AS numbers, max(seq) AS last
       FROM transfer GROUP BY 1, 2, 3
     ) AS t USING (program_id, member_id, wallet)
     WHERE (w.seq, w.seq, w.seq) IS DISTINCT FROM (t.count, t.numbers, t.last)`,
  ],
];

/** What was taken of a lot, each way by its own record of it; what a clawback took elsewhere is not of this lot. */
const NOT_MORE_THAN_AWARDED: readonly Search[] = [
  [
    'more than awarded has left a lot',
    `SELECT lot_id::text AS found FROM lot l
     LEFT JOIN (
       SELECT lot_id, coalesce(sum(amount) FILTER (WHERE kind = 'award'), 0) AS awarded,
         coalesce(sum(amount) FILTER (WHERE kind = 'expiry' OR kind = 'debt_offset'
           OR kind = 'clawback' AND debit IN ('pending', 'available')), 0) AS gone
       FROM transfer WHERE lot_id IS NOT NULL GROUP BY lot_id
     ) AS t USING (lot_id)
     LEFT JOIN (
       SELECT s.lot_id, sum(s.units) AS redeemed
       FROM redemption r CROSS JOIN LATERAL jsonb_to_recordset(r.split) AS s (lot_id uuid, units bigint) GROUP BY 1
     ) AS r USING (lot_id)
     WHERE coalesce(t.gone, 0) + coalesce(r.redeemed, 0) > coalesce(t.awarded, 0)`,
  ],
  [
    'a redemption took from a lot of another wallet',
    `SELECT r.redemption_id AS found
     FROM redemption r CROSS JOIN LATERAL jsonb_to_recordset(r.split) AS s (lot_id uuid, units bigint)
     LEFT JOIN lot l ON l.lot_id = s.lot_id
     WHERE (l.program_id, l.member_id, l.wallet) IS DISTINCT FROM (r.program_id, r.member_id, r.wallet)`,
  ],
];

async function found(databases: Databases, searches: readonly Search[]): Promise<string[]> {
  const sentences: string[] = [];
  for (const [what, sql] of searches)
    for (const row of await databases.query<{ found: string }>('points-ledger', sql))
      sentences.push(`${what}: ${row.found}`);
  return sentences;
}

/** I2 */
export const sumsThatAreNotZero = (on: Databases): Promise<string[]> => found(on, SUMS_TO_ZERO);
/** I3 */
export const negativeFigures = (on: Databases): Promise<string[]> => found(on, NOT_NEGATIVE);
/** I4 */
export const figuresWithoutGround = (on: Databases): Promise<string[]> => found(on, SUMS_OF_PARTS);
/** I11 */
export const moreThanAwarded = (on: Databases): Promise<string[]> => found(on, NOT_MORE_THAN_AWARDED);

export async function ledgerCounts(on: Databases): Promise<{ wallets: number; transfers: number }> {
  const [row] = await on.query<{ wallets: string; transfers: string }>(
    'points-ledger',
    'SELECT (SELECT count(*) FROM wallet) AS wallets, (SELECT count(*) FROM transfer) AS transfers',
  );
  return { wallets: Number(row?.wallets), transfers: Number(row?.transfers) };
}

/** What the ledger's own check, which ran all the while, says of its books; it must never have seen a difference. */
export async function ownFindings(on: Databases): Promise<{ checked: string; violations: string[] }> {
  const [check] = await on.query<{ last_pass_wallets: string; passed: boolean }>(
    'points-ledger',
    'SELECT last_pass_wallets, last_pass_at IS NOT NULL AS passed FROM books_check',
  );
  const differences = await on.query<{ found: string }>(
    'points-ledger',
    `SELECT ${NAME} || ': ' || law || ', ' || found || ' in place of ' || expected AS found FROM books_difference`,
  );
  const unchecked =
    check?.passed && Number(check.last_pass_wallets) > 0
      ? []
      : ['the check of the books has not gone over all wallets once'];
  return {
    checked: `${check?.last_pass_wallets} wallets in the last pass`,
    violations: [...unchecked, ...differences.map(({ found }) => found)],
  };
}
