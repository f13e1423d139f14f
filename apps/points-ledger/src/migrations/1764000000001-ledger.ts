import { MESSAGING_TABLES_DOWN, messagingSchema } from '@kizuna/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'points_ledger_runtime';

export class Ledger1764000000001 implements MigrationInterface {
  readonly name = 'Ledger1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingSchema('points_ledger', ROLE));
    await runner.query(`
      -- The four figures of a wallet. The row is the lock of everything that moves the wallet.
      CREATE TABLE wallet (
        program_id text NOT NULL,
        member_id text NOT NULL,
        wallet text NOT NULL,
        pending bigint NOT NULL DEFAULT 0 CHECK (pending >= 0),
        available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
        held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
        debt bigint NOT NULL DEFAULT 0 CHECK (debt >= 0),
        awarded_total bigint NOT NULL DEFAULT 0,
        clawed_back_total bigint NOT NULL DEFAULT 0,
        seq bigint NOT NULL DEFAULT 0,
        opened_at timestamptz NOT NULL DEFAULT now(),
        moved_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (program_id, member_id, wallet)
      ) WITH (fillfactor = 60);

      -- One immutable double entry: one amount, from one account to another. Partitioned by its time-ordered id, which
      -- makes the id unique for ever and the indexes append-like. Never updated, never deleted.
      CREATE TABLE transfer (
        transfer_id uuid NOT NULL,
        program_id text NOT NULL,
        member_id text NOT NULL,
        wallet text NOT NULL,
        seq bigint NOT NULL,
        kind text NOT NULL,
        debit text NOT NULL,
        credit text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        lot_id uuid,
        business_ref text NOT NULL,
        origin text NOT NULL,
        funding text NOT NULL,
        cause_event_id text NOT NULL,
        pending bigint NOT NULL,
        available bigint NOT NULL,
        held bigint NOT NULL,
        debt bigint NOT NULL,
        effective_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (transfer_id, program_id, member_id),
        CHECK (debit <> credit)
      ) PARTITION BY RANGE (transfer_id);
      CREATE INDEX transfer_of_wallet ON transfer (program_id, member_id, wallet, seq);

      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'transfers are never changed: post another one' USING ERRCODE = 'restrict_violation';
      END $$;
      CREATE TRIGGER transfer_is_immutable BEFORE UPDATE OR DELETE ON transfer
        FOR EACH ROW EXECUTE FUNCTION refuse_change();

      -- What is left of each award. The key is the burn order; remaining is in no index, so that updates stay in place.
      CREATE TABLE lot (
        program_id text NOT NULL,
        member_id text NOT NULL,
        wallet text NOT NULL,
        priority smallint NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL DEFAULT 'infinity',
        occurred_at timestamptz NOT NULL,
        lot_id uuid NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        remaining bigint NOT NULL,
        clawed_back bigint NOT NULL DEFAULT 0 CHECK (clawed_back BETWEEN 0 AND amount),
        is_pending boolean NOT NULL,
        release_at timestamptz,
        origin text NOT NULL,
        funding text NOT NULL,
        business_ref text NOT NULL,
        PRIMARY KEY (program_id, member_id, wallet, priority, expires_at, occurred_at, lot_id),
        CHECK (remaining BETWEEN 0 AND amount - clawed_back)
      ) WITH (fillfactor = 80);

      -- System accounts have no balance row, which every posting would fight for: one delta per chunk, summed on reading.
      CREATE TABLE system_account_delta (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        program_id text NOT NULL,
        wallet text NOT NULL,
        account text NOT NULL,
        lane smallint NOT NULL,
        amount bigint NOT NULL,
        transfer_count integer NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX system_account_delta_of_program ON system_account_delta (program_id, wallet, account);

      GRANT SELECT, INSERT, UPDATE ON wallet, lot TO ${ROLE};
      GRANT SELECT, INSERT ON transfer, system_account_delta TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE system_account_delta, lot, transfer, wallet');
    await runner.query('DROP FUNCTION refuse_change()');
    await runner.query(MESSAGING_TABLES_DOWN);
  }
}
