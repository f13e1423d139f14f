import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The whole of a rule. What was there are purchase rules without conditions, in force. */
export class Rules1764000000003 implements MigrationInterface {
  readonly name = 'Rules1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE earning_rule
        ADD COLUMN label_ja text,
        ADD COLUMN activity text,
        -- [{label, label_ja?, expression}], all must hold.
        ADD COLUMN conditions jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN minimum_eligible bigint CHECK (minimum_eligible > 0),
        ADD COLUMN cap jsonb,
        -- null = as the settings of the program say.
        ADD COLUMN pending jsonb,
        ADD COLUMN expiry jsonb,
        -- A paused or ended version decides nothing from its valid_from on.
        ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'ended')),
        -- Why it was paused, resumed or ended.
        ADD COLUMN reason text,
        -- Idempotency-Key of the command that made it, and a hash of what was asked.
        ADD COLUMN request_key text,
        ADD COLUMN request_hash text,
        ADD CHECK (trigger IN ('purchase', 'engagement')),
        ADD CHECK ((trigger = 'engagement') = (activity IS NOT NULL)),
        ADD CHECK ((request_key IS NULL) = (request_hash IS NULL));
      CREATE UNIQUE INDEX earning_rule_of_request ON earning_rule (program_id, request_key)
        WHERE request_key IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE earning_rule DROP COLUMN label_ja, DROP COLUMN activity CASCADE, DROP COLUMN conditions,
        DROP COLUMN minimum_eligible, DROP COLUMN cap, DROP COLUMN pending, DROP COLUMN expiry, DROP COLUMN state,
        DROP COLUMN reason, DROP COLUMN request_key CASCADE, DROP COLUMN request_hash;
    `);
  }
}
