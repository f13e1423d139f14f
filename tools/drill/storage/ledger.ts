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
  ['a lot is negative', `SELECT lot_id::text AS found FROM lot WHERE least(remaining, clawed_back) < 0`],
  [
    'a transfer left a negative figure',
    `SELECT transfer_id::text AS found FROM transfer WHERE least(pending, available, held, debt) < 0`,
  ],
];

const SUMS_OF_PARTS: readonly Search[] = [
  [
    'pending and available are not what is left of the lots',
    `SELECT ${NAME} AS found FROM wallet w
     LEFT JOIN (SELECT program_id, member_id, wallet, sum(remaining) AS remaining FROM lot GROUP BY 1, 2, 3) AS l
       USING (program_id, member_id, wallet)
     WHERE w.pending + w.available <> coalesce(l.remaining, 0)`,
  ],
  [
    'the figures are not the sum of the transfers',
    `SELECT ${NAME} AS found FROM wallet w
     FULL JOIN (SELECT program_id, member_id, wallet, ${FIGURES.map(moved).join(', ')} FROM transfer GROUP BY 1, 2, 3) AS t
       USING (program_id, member_id, wallet)
     WHERE (w.pending, w.available, w.held, w.debt) IS DISTINCT FROM (t.pending, t.available, t.held, t.debt)`,
  ],
  [
    'a lot is not what its transfers left of it',
    `SELECT lot_id::text AS found FROM lot l
     LEFT JOIN (
       SELECT lot_id, coalesce(sum(amount) FILTER (WHERE kind = 'award'), 0) AS awarded,
         coalesce(sum(amount) FILTER (WHERE kind = 'clawback'), 0) AS taken
       FROM transfer GROUP BY lot_id
     ) AS t USING (lot_id)
     WHERE (l.amount, l.clawed_back, l.remaining) IS DISTINCT FROM (t.awarded, t.taken, t.awarded - t.taken)`,
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

export async function ledgerCounts(on: Databases): Promise<{ wallets: number; transfers: number }> {
  const [row] = await on.query<{ wallets: string; transfers: string }>(
    'points-ledger',
    'SELECT (SELECT count(*) FROM wallet) AS wallets, (SELECT count(*) FROM transfer) AS transfers',
  );
  return { wallets: Number(row?.wallets), transfers: Number(row?.transfers) };
}
