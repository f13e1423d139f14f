import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the member of a wallet last did something: where units lapse by inactivity, they lapse so long after it. */
export class LastActivity1764000000003 implements MigrationInterface {
  readonly name = 'LastActivity1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Business time of the latest purchase or engagement that gave units, or redemption. NULL: there was none.
      ALTER TABLE wallet ADD COLUMN last_activity_at timestamptz;

      -- Lots stay when they are exhausted and redemptions are kept for ever, so the past is told by them.
      UPDATE wallet w SET last_activity_at = a.at
      FROM (
        SELECT program_id, member_id, wallet, max(at) AS at
        FROM (
          SELECT program_id, member_id, wallet, occurred_at AS at FROM lot WHERE origin IN ('purchase', 'engagement')
          UNION ALL
          SELECT program_id, member_id, wallet, decided_at FROM redemption WHERE refusal IS NULL
        ) AS activity
        GROUP BY program_id, member_id, wallet
      ) AS a
      WHERE w.program_id = a.program_id AND w.member_id = a.member_id AND w.wallet = a.wallet;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE wallet DROP COLUMN last_activity_at');
  }
}
