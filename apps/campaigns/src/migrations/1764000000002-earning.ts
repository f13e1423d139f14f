import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'campaigns_runtime';

export class Earning1764000000002 implements MigrationInterface {
  readonly name = 'Earning1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Every revision of the settings that arrived: an explanation reads those that its decision had.
      CREATE TABLE program_settings (
        program_id text NOT NULL REFERENCES program,
        revision integer NOT NULL,
        settings jsonb NOT NULL,
        PRIMARY KEY (program_id, revision)
      );
      INSERT INTO program_settings SELECT program_id, settings_revision, settings FROM program;

      -- settings_revision, known: null in rows from before this migration: the first settings, nothing known of the member.
      ALTER TABLE purchase
        ADD COLUMN settings_revision integer,
        ADD COLUMN known jsonb,
        ADD COLUMN is_cancelled boolean NOT NULL DEFAULT false,
        DROP CONSTRAINT purchase_state_check,
        ADD CONSTRAINT purchase_state_check CHECK (state IN ('awaited', 'decided', 'review', 'refused'));

      -- Orders that were refunded as a whole before anybody counted them.
      UPDATE purchase p SET is_cancelled = true
      FROM (
        SELECT r.program_id, r.order_id, bool_or(amounts->>'full' = 'true') AS is_full,
               coalesce(sum((amounts->>'amount_minor')::numeric), 0) AS without_lines
        FROM refund r WHERE r.state = 'applied' GROUP BY r.program_id, r.order_id
      ) r
      WHERE p.program_id = r.program_id AND p.order_id = r.order_id AND (r.is_full OR (
        SELECT sum(paid) > 0 AND r.without_lines >= sum(paid - least(paid, asked))
        FROM (
          SELECT (line->>1)::numeric AS paid, coalesce((
            SELECT sum((refunded->>'amount_minor')::numeric)
            FROM refund o, jsonb_array_elements(coalesce(o.amounts->'lines', '[]'::jsonb)) refunded
            WHERE o.program_id = p.program_id AND o.order_id = p.order_id AND o.state = 'applied'
              AND refunded->>'line_id' = line->>0), 0) AS asked
          FROM jsonb_array_elements(p.lines) line
        ) l));

      -- What a refund took back of each award: [[award_id, rule, wallet, taken, total], …]; null: from before.
      ALTER TABLE refund ADD COLUMN clawbacks jsonb;
      CREATE INDEX refund_of_member ON refund (program_id, member_id, occurred_at DESC);

      ALTER TABLE award
        ADD COLUMN minimum_eligible bigint,
        ADD COLUMN release_at timestamptz,
        ADD COLUMN expires_at timestamptz;

      -- Whose event was not applied, and when it happened; of rows from before, the order's own.
      ALTER TABLE purchase_conflict ADD COLUMN member_id text, ADD COLUMN occurred_at timestamptz;
      UPDATE purchase_conflict c SET member_id = p.member_id, occurred_at = p.occurred_at
      FROM purchase p WHERE p.program_id = c.program_id AND p.order_id = c.order_id;
      CREATE INDEX purchase_conflict_of_member ON purchase_conflict (program_id, member_id, occurred_at DESC);

      -- Fence for ever: an engagement is recorded once, for one member.
      CREATE TABLE engagement (
        program_id text NOT NULL,
        engagement_id text NOT NULL,
        state text NOT NULL CHECK (state IN ('decided', 'review', 'refused')),
        review_reason text,
        member_id text NOT NULL,
        event_id text NOT NULL,
        data_hash text NOT NULL,
        activity text NOT NULL,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        rule_set_revision integer NOT NULL,
        settings_revision integer NOT NULL,
        known jsonb,
        facts json NOT NULL,
        PRIMARY KEY (program_id, engagement_id),
        CHECK ((state = 'review') = (review_reason IS NOT NULL))
      );
      CREATE INDEX engagement_of_member ON engagement (program_id, member_id, occurred_at DESC);

      CREATE TABLE engagement_conflict (
        program_id text NOT NULL,
        engagement_id text NOT NULL,
        data_hash text NOT NULL,
        event_id text NOT NULL,
        member_id text NOT NULL,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (program_id, engagement_id, data_hash)
      );
      CREATE INDEX engagement_conflict_of_member ON engagement_conflict (program_id, member_id, occurred_at DESC);

      -- Locked while an event of the member is decided by rules that look at the member's past: caps and counts of orders.
      CREATE TABLE member_gate (
        program_id text NOT NULL,
        member_id text NOT NULL,
        PRIMARY KEY (program_id, member_id)
      );

      -- What somebody has to look at, and what they said. The id is the event's.
      CREATE TABLE review (
        program_id text NOT NULL,
        review_id text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('purchase', 'refund', 'engagement')),
        -- The order of a purchase or refund, the engagement; and the refund.
        business_ref text NOT NULL,
        refund_id text,
        member_id text,
        reason text NOT NULL,
        occurred_at timestamptz NOT NULL,
        opened_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'released', 'refused')),
        decided_at timestamptz,
        decided_by text,
        decision_reason text,
        PRIMARY KEY (program_id, review_id),
        CHECK ((state = 'open') = (decided_at IS NULL))
      );
      CREATE INDEX review_by_state ON review (program_id, state, opened_at, review_id);
      CREATE INDEX review_of_member ON review (program_id, member_id, occurred_at DESC);
      INSERT INTO review (program_id, review_id, kind, business_ref, member_id, reason, occurred_at, opened_at, state)
      SELECT program_id, 'purchase:' || order_id, 'purchase', order_id, member_id, review_reason, occurred_at, received_at, 'open'
      FROM purchase WHERE state = 'review';
      INSERT INTO review (program_id, review_id, kind, business_ref, refund_id, member_id, reason, occurred_at, opened_at,
                          state)
      SELECT program_id, 'refund:' || order_id || ':' || refund_id, 'refund', order_id, refund_id, member_id,
             coalesce(reason, 'late'), occurred_at,
             received_at, 'open'
      FROM refund WHERE state = 'review';

      GRANT SELECT, INSERT ON program_settings, engagement_conflict TO ${ROLE};
      GRANT SELECT, INSERT, UPDATE ON engagement, review, member_gate TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE review, member_gate, engagement_conflict, engagement, program_settings;
      DROP INDEX purchase_conflict_of_member, refund_of_member;
      ALTER TABLE purchase_conflict DROP COLUMN member_id, DROP COLUMN occurred_at;
      ALTER TABLE award DROP COLUMN minimum_eligible, DROP COLUMN release_at, DROP COLUMN expires_at;
      ALTER TABLE refund DROP COLUMN clawbacks;
      UPDATE purchase SET state = 'decided' WHERE state = 'refused';
      ALTER TABLE purchase
        DROP COLUMN settings_revision, DROP COLUMN known, DROP COLUMN is_cancelled,
        DROP CONSTRAINT purchase_state_check,
        ADD CONSTRAINT purchase_state_check CHECK (state IN ('awaited', 'decided', 'review'));
    `);
  }
}
