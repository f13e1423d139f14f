import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'points_ledger_runtime';

/** Waiting, lapsing, spending and owing. What was there before keeps its meaning: nothing of it waited, lapsed or was spent. */
export class Balances1764000000002 implements MigrationInterface {
  readonly name = 'Balances1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- This room's copy of the settings: the present of a program, and what it says about spending.
      CREATE TABLE program (
        program_id text PRIMARY KEY,
        settings_revision integer NOT NULL,
        settings jsonb NOT NULL
      );

      -- What became of the units of a lot. What clawbacks took out of it is what is left of the sum:
      -- amount - remaining - redeemed - expired - debt_offset. clawed_back is what was asked back of the award, wherever it
      -- was taken from; under the policy pending_only nothing is taken from units that are usable, so it bounds nothing.
      ALTER TABLE lot
        ADD COLUMN redeemed bigint NOT NULL DEFAULT 0 CHECK (redeemed >= 0),
        ADD COLUMN expired bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
        ADD COLUMN debt_offset bigint NOT NULL DEFAULT 0 CHECK (debt_offset >= 0),
        ADD COLUMN rule text,
        ADD COLUMN rule_label text,
        -- A column of its own, so that spending a part of a lot changes nothing that an index knows.
        ADD COLUMN is_open boolean GENERATED ALWAYS AS (remaining > 0) STORED,
        DROP CONSTRAINT lot_check1,
        ADD CONSTRAINT lot_is_covered CHECK (remaining >= 0 AND remaining + redeemed + expired + debt_offset <= amount);

      -- What is due: few rows at a time, whatever the size of the table. Lots that never wait or lapse are in neither.
      CREATE INDEX lot_to_release ON lot (program_id, release_at) WHERE is_pending AND is_open;
      CREATE INDEX lot_to_expire ON lot (program_id, expires_at)
        WHERE is_open AND NOT is_pending AND expires_at < 'infinity';

      -- Answers to redemptions, refusals too, for ever: the same question gets the same answer, also after a later award.
      CREATE TABLE redemption (
        program_id text NOT NULL,
        redemption_id text NOT NULL,
        member_id text NOT NULL,
        wallet text NOT NULL,
        units bigint NOT NULL CHECK (units > 0),
        order_id text,
        reason text,
        request_hash text NOT NULL,
        -- As it was answered, whole: json keeps the order of its properties.
        answer json NOT NULL,
        -- The code of a refusal.
        refusal text,
        transfer_id uuid,
        -- [{lot_id, units}] in burn order: a reversal gives the units back to the same lots.
        split jsonb,
        decided_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        PRIMARY KEY (program_id, redemption_id),
        CHECK ((refusal IS NULL) = (transfer_id IS NOT NULL)),
        CHECK ((transfer_id IS NULL) = (split IS NULL))
      );
      CREATE INDEX redemption_refused ON redemption (program_id, member_id, decided_at, redemption_id)
        WHERE refusal IS NOT NULL;

      GRANT SELECT, INSERT, UPDATE ON program TO ${ROLE};
      GRANT SELECT, INSERT ON redemption TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE redemption, program;
      DROP INDEX lot_to_release, lot_to_expire;
      ALTER TABLE lot
        DROP CONSTRAINT lot_is_covered,
        DROP COLUMN redeemed, DROP COLUMN expired, DROP COLUMN debt_offset, DROP COLUMN rule, DROP COLUMN rule_label,
        DROP COLUMN is_open,
        ADD CONSTRAINT lot_check1 CHECK (remaining BETWEEN 0 AND amount - clawed_back);
    `);
  }
}
