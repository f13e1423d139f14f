import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'gateway_runtime';

export class SettingsAndCommands1764000000002 implements MigrationInterface {
  readonly name = 'SettingsAndCommands1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A program changes its own settings; what it is for ever is kept by the table, whatever asks.
      CREATE FUNCTION keep_program() RETURNS trigger LANGUAGE plpgsql SET search_path = gateway, pg_temp AS $$
      BEGIN
        IF NEW.program_id <> OLD.program_id
           OR NEW.settings ->> 'mode' IS DISTINCT FROM OLD.settings ->> 'mode'
           OR NEW.settings ->> 'currency' IS DISTINCT FROM OLD.settings ->> 'currency' THEN
          RAISE EXCEPTION 'id, mode and currency of a program never change' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.revision <> OLD.revision + 1 THEN
          RAISE EXCEPTION 'revisions of a program follow each other' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER keep_program BEFORE UPDATE ON program FOR EACH ROW EXECUTE FUNCTION keep_program();
      GRANT UPDATE (settings, revision, updated_at) ON program TO ${ROLE};

      ALTER TABLE api_key ADD created_by text NOT NULL DEFAULT 'operator', ADD revoked_by text;

      -- The one change that the running service may make to a key: end it, once and for ever.
      CREATE FUNCTION revoke_api_key(of_program text, of_key text, actor text) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = gateway, pg_temp AS $$
        UPDATE api_key SET revoked_at = now(), revoked_by = actor
        WHERE program_id = of_program AND key_id = of_key AND revoked_at IS NULL
      $$;
      REVOKE ALL ON FUNCTION revoke_api_key(text, text, text) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION revoke_api_key(text, text, text) TO ${ROLE};

      -- Commands by their Idempotency-Key. route, body_hash: what the key stands for. attempt: raised by whoever takes a
      -- command over, so that an answer of an earlier attempt that comes late changes nothing. open: an attempt ended
      -- without a decision, and the next one may begin at once.
      CREATE TABLE command (
        program_id text NOT NULL REFERENCES program,
        idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
        route text NOT NULL,
        body_hash text NOT NULL,
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'open', 'answered')),
        attempt integer NOT NULL DEFAULT 1,
        started_at timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        status integer,
        headers jsonb,
        body bytea,
        PRIMARY KEY (program_id, idempotency_key),
        CHECK ((state = 'answered') = (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL))
      );
      CREATE INDEX command_by_age ON command (created_at);
      GRANT SELECT, INSERT, DELETE ON command TO ${ROLE};
      GRANT UPDATE (state, attempt, started_at, status, headers, body) ON command TO ${ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE command;
      DROP FUNCTION revoke_api_key(text, text, text);
      ALTER TABLE api_key DROP created_by, DROP revoked_by;
      REVOKE UPDATE (settings, revision, updated_at) ON program FROM ${ROLE};
      DROP TRIGGER keep_program ON program;
      DROP FUNCTION keep_program();
    `);
  }
}
