import { MESSAGING_TABLES_DOWN, messagingSchema } from '@kizuna/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'gateway_runtime';

export class Programs1764000000001 implements MigrationInterface {
  readonly name = 'Programs1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingSchema('gateway', ROLE));
    await runner.query(`
      -- The tenants. settings: the whole document as it is published, so that row and event cannot differ.
      CREATE TABLE program (
        program_id text PRIMARY KEY,
        settings jsonb NOT NULL,
        revision integer NOT NULL CHECK (revision > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK (settings ->> 'program_id' = program_id AND (settings ->> 'revision')::integer = revision)
      );

      -- Append-only: who changed what, when.
      CREATE TABLE program_settings_history (
        program_id text NOT NULL REFERENCES program,
        revision integer NOT NULL,
        settings jsonb NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        PRIMARY KEY (program_id, revision)
      );

      -- secret_hash: SHA-256 of the whole key. A key has 256 random bits, so there is nothing to guess and a slow hash
      -- would protect nothing; the unique index makes authentication one lookup. key_id is no part of the key: it
      -- names the key in logs and history.
      CREATE TABLE api_key (
        key_id text PRIMARY KEY CHECK (key_id ~ '^[a-z0-9]{8}$'),
        program_id text NOT NULL REFERENCES program,
        name text NOT NULL,
        secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
        scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX api_key_of_program ON api_key (program_id);

      -- The service itself only reads. INSERT is for the operator command, which may run as this role; nothing here can
      -- change or delete a row: not a setting, not a line of history, not a key's scopes or revocation.
      GRANT SELECT, INSERT ON program, program_settings_history, api_key TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_key, program_settings_history, program');
    await runner.query(MESSAGING_TABLES_DOWN);
  }
}
