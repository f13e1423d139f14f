import { Injectable } from '@nestjs/common';
import { Database, textArray, type Queryable, type Transaction } from '@kizuna/database';
import { BOOKS_LAWS, type BooksDifference, type BooksLaw } from '../domain/books.js';
import type { WalletAddress } from '../domain/post-chunk.js';

/** How far the check has come, over all instances. */
export interface BooksProgress {
  readonly nextRunAt: Date;
  readonly lastRunAt: Date | undefined;
  readonly passStartedAt: Date;
  /** Wallets that the pass under way has seen. */
  readonly passWallets: number;
  readonly lastPassAt: Date | undefined;
  readonly lastPassWallets: number;
  /** Seconds by the database's clock since the last whole pass ended or, before that, the first began. */
  readonly sinceLastPassSeconds: number;
  readonly after: WalletAddress;
}

export interface RecordedDifference extends BooksDifference {
  readonly foundAt: Date;
  readonly seenAt: Date;
  readonly healedAt: Date | undefined;
}

interface ProgressRow extends Record<string, unknown> {
  readonly next_run_at: Date;
  readonly last_run_at: Date | null;
  readonly pass_started_at: Date;
  readonly pass_wallets: string;
  readonly last_pass_at: Date | null;
  readonly last_pass_wallets: string;
  readonly since_last_pass: string;
  readonly after_program_id: string;
  readonly after_member_id: string;
  readonly after_wallet: string;
}

interface DifferenceRow extends Record<string, unknown> {
  readonly program_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly law: BooksLaw;
  readonly expected: string;
  readonly found: string;
  readonly found_at: Date;
  readonly seen_at: Date;
  readonly healed_at: Date | null;
}

/** The state of the check and what it found. */
@Injectable()
export class BooksRepository {
  constructor(private readonly database: Database) {}

  /** Takes the turn of this interval, by the database's clock. @returns whether it was free */
  async takeTurn(intervalMs: number): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE books_check SET next_run_at = now() + $1 * interval '1 ms', last_run_at = now()
       WHERE next_run_at <= now() RETURNING is_only`,
      [intervalMs],
    );
    return rows.length > 0;
  }

  async progress(on: Queryable = this.database): Promise<BooksProgress> {
    const [row] = await on.query<ProgressRow>(
      `SELECT *, extract(epoch FROM now() - coalesce(last_pass_at, pass_started_at)) AS since_last_pass FROM books_check`,
    );
    if (!row) throw new Error('books_check has no row');
    return {
      nextRunAt: row.next_run_at,
      lastRunAt: row.last_run_at ?? undefined,
      passStartedAt: row.pass_started_at,
      passWallets: Number(row.pass_wallets),
      lastPassAt: row.last_pass_at ?? undefined,
      lastPassWallets: Number(row.last_pass_wallets),
      sinceLastPassSeconds: Number(row.since_last_pass),
      after: { programId: row.after_program_id, memberId: row.after_member_id, wallet: row.after_wallet },
    };
  }

  /** Moves on from one wallet to another. @returns whether nobody else had */
  async advance(tx: Transaction, from: WalletAddress, to: WalletAddress, wallets: number): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE books_check SET after_program_id = $4, after_member_id = $5, after_wallet = $6,
                              pass_wallets = pass_wallets + $7
       WHERE (after_program_id, after_member_id, after_wallet) = ($1, $2, $3) RETURNING is_only`,
      [...keyOf(from), ...keyOf(to), wallets],
    );
    return rows.length > 0;
  }

  /** The pass has seen the last wallet: the next run begins again. */
  async endPass(tx: Transaction): Promise<void> {
    await tx.query(
      `UPDATE books_check SET after_program_id = '', after_member_id = '', after_wallet = '', last_pass_at = now(),
                              last_pass_wallets = pass_wallets, pass_wallets = 0, pass_started_at = now()`,
    );
  }

  /** Keeps what is wrong with the wallets after `from`, up to `to` with it; what was wrong there and is not, is healed. */
  async recordWallets(
    tx: Transaction,
    from: WalletAddress,
    to: WalletAddress | undefined,
    differences: readonly BooksDifference[],
  ): Promise<number> {
    const upTo = to === undefined ? [] : keyOf(to);
    await tx.query(
      `UPDATE books_difference SET healed_at = now()
       WHERE healed_at IS NULL AND member_id <> '' AND (program_id, member_id, wallet) > ($1, $2, $3)
         ${to === undefined ? '' : 'AND (program_id, member_id, wallet) <= ($4, $5, $6)'}`,
      [...keyOf(from), ...upTo],
    );
    return this.record(tx, differences);
  }

  /** Keeps which programs do not come to nothing; those that do again are healed. */
  async recordPrograms(differences: readonly BooksDifference[]): Promise<number> {
    return this.database.transaction(async (tx) => {
      await tx.query(
        `UPDATE books_difference SET healed_at = now() WHERE healed_at IS NULL AND member_id = ''`,
      );
      return this.record(tx, differences);
    });
  }

  /** What does not hold now, how often, by law; each law is named. */
  async openCounts(): Promise<ReadonlyMap<BooksLaw, number>> {
    const rows = await this.database.query<{ law: BooksLaw; count: string }>(
      'SELECT law, count(*) AS count FROM books_difference WHERE healed_at IS NULL GROUP BY law',
    );
    const counts = new Map(rows.map(({ law, count }) => [law, Number(count)]));
    return new Map(BOOKS_LAWS.map((law) => [law, counts.get(law) ?? 0]));
  }

  /** By program, member, wallet and law. */
  async differences(
    state: 'open' | 'healed',
    after: readonly [programId: string, memberId: string, wallet: string, law: string],
    limit: number,
  ): Promise<RecordedDifference[]> {
    const rows = await this.database.query<DifferenceRow>(
      `SELECT * FROM books_difference
       WHERE healed_at IS ${state === 'open' ? '' : 'NOT'} NULL AND (program_id, member_id, wallet, law) > ($1, $2, $3, $4)
       ORDER BY program_id, member_id, wallet, law LIMIT $5`,
      [...after, limit],
    );
    return rows.map((row) => ({
      programId: row.program_id,
      memberId: row.member_id || undefined,
      wallet: row.wallet,
      law: row.law,
      expected: row.expected,
      found: row.found,
      foundAt: row.found_at,
      seenAt: row.seen_at,
      healedAt: row.healed_at ?? undefined,
    }));
  }

  /** One that goes on keeps the time when it was first found. @returns how many are new */
  private async record(tx: Transaction, differences: readonly BooksDifference[]): Promise<number> {
    if (differences.length === 0) return 0;
    const of = (pick: (difference: BooksDifference) => string): Buffer =>
      textArray(differences.map((difference) => pick(difference)));
    const [row] = await tx.query<{ new: string }>(
      `WITH recorded AS (
         INSERT INTO books_difference AS d (program_id, member_id, wallet, law, expected, found)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         ON CONFLICT (program_id, member_id, wallet, law) DO UPDATE
         SET expected = excluded.expected, found = excluded.found, seen_at = now(), healed_at = NULL,
             found_at = CASE WHEN d.healed_at = now() THEN d.found_at ELSE now() END
         RETURNING found_at = now() AS is_new
       ) SELECT count(*) FILTER (WHERE is_new) AS new FROM recorded`,
      [
        of(({ programId }) => programId),
        of(({ memberId }) => memberId ?? ''),
        of(({ wallet }) => wallet),
        of(({ law }) => law),
        of(({ expected }) => expected),
        of(({ found }) => found),
      ],
    );
    return Number(row?.new);
  }
}

const keyOf = ({ programId, memberId, wallet }: WalletAddress): string[] => [programId, memberId, wallet];
