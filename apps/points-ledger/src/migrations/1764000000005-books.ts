import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'points_ledger_runtime';

/** The ledger checks itself: how far the check has come, and what it found. */
export class Books1764000000005 implements MigrationInterface {
  readonly name = 'Books1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One row. A pass goes over all wallets in the order of their keys, a run at a time, whichever instance has the turn.
      CREATE TABLE books_check (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        next_run_at timestamptz NOT NULL DEFAULT now(),
        last_run_at timestamptz,
        after_program_id text NOT NULL DEFAULT '',
        after_member_id text NOT NULL DEFAULT '',
        after_wallet text NOT NULL DEFAULT '',
        pass_wallets bigint NOT NULL DEFAULT 0,
        pass_started_at timestamptz NOT NULL DEFAULT now(),
        last_pass_at timestamptz,
        last_pass_wallets bigint NOT NULL DEFAULT 0
      );
      INSERT INTO books_check DEFAULT VALUES;

      -- Where the books disagree. A row stays when the difference is gone, with the time of that.
      CREATE TABLE books_difference (
        program_id text NOT NULL,
        -- '' where the accounts of a whole program disagree
        member_id text NOT NULL,
        wallet text NOT NULL,
        law text NOT NULL,
        expected text NOT NULL,
        found text NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now(),
        healed_at timestamptz,
        PRIMARY KEY (program_id, member_id, wallet, law)
      );
      CREATE INDEX books_difference_open ON books_difference (law) WHERE healed_at IS NULL;

      GRANT SELECT, UPDATE ON books_check TO ${ROLE};
      GRANT SELECT, INSERT, UPDATE ON books_difference TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE books_difference, books_check');
  }
}
