import { MESSAGING_TABLES_DOWN, messagingSchema } from '@kizuna/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'campaigns_runtime';

export class Orders1764000000001 implements MigrationInterface {
  readonly name = 'Orders1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingSchema('campaigns', ROLE));
    await runner.query(`
      -- The programs that this room has heard of, with the revision of their rules. The row is locked when a rule is
      -- entered, so that a program's first rules and its first event cannot miss each other.
      CREATE TABLE program (
        program_id text PRIMARY KEY,
        settings_revision integer NOT NULL,
        settings jsonb NOT NULL,
        rule_set_revision integer NOT NULL DEFAULT 0,
        first_event_at timestamptz
      );

      CREATE TABLE earning_rule (
        program_id text NOT NULL REFERENCES program,
        code text NOT NULL,
        version integer NOT NULL,
        label text NOT NULL,
        trigger text NOT NULL,
        wallet text NOT NULL,
        priority integer NOT NULL,
        line_filter jsonb NOT NULL,
        reward jsonb NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_to timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        created_by text NOT NULL,
        -- Revision of the program's rules that began with this version: a decision saw every version up to its own.
        rule_set_revision integer NOT NULL,
        PRIMARY KEY (program_id, code, version),
        CHECK (valid_to IS NULL OR valid_to > valid_from)
      );

      -- Fence for ever: an order is recorded once. state 'awaited': a refund came before its purchase.
      CREATE TABLE purchase (
        program_id text NOT NULL,
        order_id text NOT NULL,
        state text NOT NULL CHECK (state IN ('awaited', 'decided', 'review')),
        review_reason text,
        member_id text,
        event_id text,
        data_hash text,
        currency text,
        occurred_at timestamptz,
        received_at timestamptz,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        rule_set_revision integer,
        lines jsonb,
        -- Only ever given back whole: as json it is kept as it came, at a third of the cost and 200 bytes less.
        facts json,
        PRIMARY KEY (program_id, order_id),
        CHECK ((state = 'awaited') = (facts IS NULL)),
        CHECK ((state = 'review') = (review_reason IS NOT NULL))
      );
      CREATE INDEX purchase_of_member ON purchase (program_id, member_id, occurred_at DESC, order_id);

      -- Fence for ever: a refund is recorded once.
      CREATE TABLE refund (
        program_id text NOT NULL,
        order_id text NOT NULL,
        refund_id text NOT NULL,
        state text NOT NULL CHECK (state IN ('applied', 'waiting', 'review', 'rejected')),
        reason text,
        member_id text,
        event_id text NOT NULL,
        data_hash text NOT NULL,
        currency text NOT NULL,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        over_minor bigint NOT NULL,
        amounts jsonb NOT NULL,
        arrival integer NOT NULL,
        PRIMARY KEY (program_id, order_id, refund_id)
      );
      CREATE INDEX refund_waiting ON refund (program_id, received_at) WHERE state = 'waiting';

      -- Fence for ever: a rule, whatever its version, gives an order one award per wallet.
      CREATE TABLE award (
        program_id text NOT NULL,
        kind text NOT NULL,
        business_ref text NOT NULL,
        rule text NOT NULL,
        wallet text NOT NULL,
        award_id uuid NOT NULL,
        member_id text NOT NULL,
        rule_version integer NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        lines bigint[] NOT NULL,
        clawback_total bigint NOT NULL DEFAULT 0 CHECK (clawback_total BETWEEN 0 AND amount),
        origin text NOT NULL,
        funding text NOT NULL,
        occurred_at timestamptz NOT NULL,
        decided_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (program_id, kind, business_ref, rule, wallet)
      );
      CREATE INDEX award_of_member ON award (program_id, member_id, award_id DESC);

      CREATE TABLE purchase_conflict (
        program_id text NOT NULL,
        order_id text NOT NULL,
        event_id text NOT NULL,
        data_hash text NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (program_id, order_id, event_id, data_hash)
      );

      GRANT SELECT, INSERT, UPDATE ON program, purchase, refund, award TO ${ROLE};
      GRANT SELECT, INSERT ON earning_rule, purchase_conflict TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE purchase_conflict, award, refund, purchase, earning_rule, program');
    await runner.query(MESSAGING_TABLES_DOWN);
  }
}
