import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '@kizuna/database';
import type { ProgramBooks, WalletBooks } from '../domain/books.js';
import type { WalletAddress } from '../domain/post-chunk.js';

const SLICE = 50_000;

interface BooksRow extends Record<string, unknown> {
  readonly program_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly told: readonly string[];
  readonly of_transfers: readonly string[];
  readonly of_lots: readonly string[];
}

interface SumRow extends Record<string, unknown> {
  readonly program_id: string;
  readonly wallet: string;
  readonly amount: string;
  readonly last: readonly string[];
}

const moved = (account: string): string =>
  `coalesce(sum(amount) FILTER (WHERE credit = '${account}'), 0)
   - coalesce(sum(amount) FILTER (WHERE debit = '${account}'), 0)`;

/** Reads the same thing from the three records that tell it; never the one from the other. */
@Injectable()
export class BooksQuery {
  constructor(private readonly database: Database) {}

  /** The next wallets by key, each with its transfers and lots; one statement, so all of one moment. */
  async walletsAfter(
    tx: Transaction,
    { programId, memberId, wallet }: WalletAddress,
    limit: number,
  ): Promise<WalletBooks[]> {
    const rows = await tx.query<BooksRow>(
      {
        name: 'books-of-wallets',
        text: `WITH walked AS MATERIALIZED (
                 SELECT * FROM wallet WHERE (program_id, member_id, wallet) > ($1, $2, $3)
                 ORDER BY program_id, member_id, wallet LIMIT $4
               )
               SELECT w.program_id, w.member_id, w.wallet, ARRAY[w.pending, w.available, w.held, w.debt, w.seq] AS told,
                      t.of_transfers, l.of_lots
               FROM walked w
               CROSS JOIN LATERAL (
                 SELECT ARRAY[${moved('pending')}, ${moved('available')}, ${moved('held')}, -(${moved('debt')}),
                              count(*), count(DISTINCT seq), coalesce(max(seq), 0)] AS of_transfers
                 FROM transfer t
                 WHERE t.program_id = w.program_id AND t.member_id = w.member_id AND t.wallet = w.wallet
               ) AS t
               CROSS JOIN LATERAL (
                 SELECT ARRAY[coalesce(sum(remaining) FILTER (WHERE is_pending), 0),
                              coalesce(sum(remaining) FILTER (WHERE NOT is_pending), 0),
                              count(*) FILTER (WHERE remaining < 0 OR remaining + redeemed + expired + debt_offset > amount)]
                          AS of_lots
                 FROM lot l
                 WHERE l.program_id = w.program_id AND l.member_id = w.member_id AND l.wallet = w.wallet
               ) AS l
               ORDER BY w.program_id, w.member_id, w.wallet`,
      },
      [programId, memberId, wallet, limit],
    );
    return rows.map(walletBooks);
  }

  /**
   * Sums over everything, of one moment. Each statement ends soon; the snapshot stays for as long as all of them take, which
   * is why it is asked once a pass and not at each run.
   *
   * @returns undefined when it was broken off
   */
  async programs(isStopping: () => boolean): Promise<ProgramBooks[] | undefined> {
    return this.database.snapshot(async (on) => {
      const books = new Map<string, ProgramBooks>();
      const add = ({ program_id, wallet, amount }: SumRow, of: 'ofMembers' | 'ofSystem'): void => {
        const key = JSON.stringify([program_id, wallet]);
        const known = books.get(key) ?? { programId: program_id, wallet, ofMembers: 0n, ofSystem: 0n };
        books.set(key, { ...known, [of]: known[of] + BigInt(amount) });
      };
      for await (const row of slices(on, MEMBERS_SLICE, ['', '', ''], isStopping)) add(row, 'ofMembers');
      for await (const row of slices(on, SYSTEM_SLICE, ['0'], isStopping)) add(row, 'ofSystem');
      return isStopping() ? undefined : [...books.values()];
    });
  }
}

/** `last` is the key where the slice ends, the same in each of its rows. */
const MEMBERS_SLICE = `
  WITH slice AS MATERIALIZED (
    SELECT program_id, member_id, wallet, pending + available + held - debt AS amount FROM wallet
    WHERE (program_id, member_id, wallet) > ($2, $3, $4) ORDER BY program_id, member_id, wallet LIMIT $1
  ), last AS (
    SELECT ARRAY[program_id, member_id, wallet] AS key FROM slice
    ORDER BY program_id DESC, member_id DESC, wallet DESC LIMIT 1
  )
  SELECT program_id, wallet, sum(amount) AS amount, (SELECT key FROM last) AS last FROM slice GROUP BY program_id, wallet`;

const SYSTEM_SLICE = `
  WITH slice AS MATERIALIZED (
    SELECT id, program_id, wallet, amount FROM system_account_delta WHERE id > $2 ORDER BY id LIMIT $1
  )
  SELECT program_id, wallet, sum(amount) AS amount, ARRAY[(SELECT max(id) FROM slice)::text] AS last
  FROM slice GROUP BY program_id, wallet`;

async function* slices(
  on: Queryable,
  sql: string,
  from: readonly string[],
  isStopping: () => boolean,
): AsyncGenerator<SumRow> {
  for (let after = from; !isStopping();) {
    const rows = await on.query<SumRow>(sql, [SLICE, ...after]);
    yield* rows;
    const [first] = rows;
    if (!first) return;
    after = first.last;
  }
}

function walletBooks({ program_id, member_id, wallet, told, of_transfers, of_lots }: BooksRow): WalletBooks {
  const [pending = NaN, available = NaN, held = NaN, debt = NaN, seq = NaN] = told.map(Number);
  const [p = NaN, a = NaN, h = NaN, d = NaN, count = NaN, numbers = NaN, last = NaN] =
    of_transfers.map(Number);
  const [waiting = NaN, usable = NaN, overdrawn = NaN] = of_lots.map(Number);
  return {
    programId: program_id,
    memberId: member_id,
    wallet,
    told: { pending, available, held, debt, seq },
    ofTransfers: { pending: p, available: a, held: h, debt: d, count, numbers, last },
    ofLots: { pending: waiting, available: usable, overdrawn },
  };
}
