import { dropPartitionFunction, ensurePartitionFunction } from '@kizuna/database';
import { LANES } from '@kizuna/contracts';

/**
 * The tables of messaging, made by the first migration of every room.
 *
 * `lane_position`: how far a consumer group has come; the row is the fence of the lane's owner.
 * `inbox`: which events were seen. `outbox`: what is to be published, one row per chunk and lane.
 * `parked_event`: what could not be handled, with all that came after it under the same key; `parked_key`: the keys that
 * wait. `inbox_mark`: how far lanes had come on a day, which tells when that day's inbox is of no more use.
 * `relay_lane`: who publishes a lane, and how far. `event_sequence`: the last number given per topic and key.
 */
export function messagingSchema(schema: string, runtimeRole: string): string {
  return `
    ${ensurePartitionFunction(schema, runtimeRole)}
    ${dropPartitionFunction(schema, runtimeRole, ['inbox', 'outbox'])}

    CREATE TABLE lane_position (
      consumer_group text NOT NULL,
      topic text NOT NULL,
      lane smallint NOT NULL,
      epoch bigint NOT NULL DEFAULT 0,
      owner text NOT NULL,
      next_offset bigint NOT NULL,
      last_event_id text,
      taken_at timestamptz NOT NULL DEFAULT now(),
      moved_at timestamptz NOT NULL DEFAULT now(),
      attempts smallint NOT NULL DEFAULT 0,
      attempt_offset bigint,
      PRIMARY KEY (consumer_group, topic, lane)
    ) WITH (fillfactor = 50);

    CREATE TABLE parked_key (
      consumer_group text NOT NULL,
      topic text NOT NULL,
      lane smallint NOT NULL,
      key text NOT NULL,
      parked_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (consumer_group, topic, lane, key)
    );

    CREATE TABLE parked_event (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      consumer_group text NOT NULL,
      topic text NOT NULL,
      lane smallint NOT NULL,
      message_offset bigint NOT NULL,
      key text,
      value bytea,
      edited_value bytea,
      reason text,
      state text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'replayed', 'discarded')),
      parked_at timestamptz NOT NULL DEFAULT now(),
      resolved_at timestamptz,
      resolved_by text,
      resolution text
    );
    CREATE INDEX parked_event_open ON parked_event (consumer_group, topic, key, id) WHERE state = 'parked';

    CREATE TABLE inbox_mark (
      day date NOT NULL,
      topic text NOT NULL,
      lane smallint NOT NULL,
      next_offset bigint NOT NULL,
      PRIMARY KEY (day, topic, lane)
    );

    CREATE TABLE inbox (
      program_id text NOT NULL,
      source text NOT NULL,
      event_id text NOT NULL,
      data_hash bytea NOT NULL,
      claimed_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (program_id, source, event_id, claimed_at)
    ) PARTITION BY RANGE (claimed_at);

    CREATE SEQUENCE outbox_id CACHE 1;
    CREATE TABLE outbox (
      id bigint NOT NULL DEFAULT nextval('outbox_id'),
      lane smallint NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      event_count integer NOT NULL,
      events text NOT NULL,
      PRIMARY KEY (lane, id, created_at)
    ) PARTITION BY RANGE (created_at);
    ALTER SEQUENCE outbox_id OWNED BY outbox.id;
    -- Written once, read once: compressing costs more than all else about it.
    ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;

    CREATE TABLE relay_lane (
      lane smallint PRIMARY KEY,
      owner text,
      epoch bigint NOT NULL DEFAULT 0,
      lease_until timestamptz NOT NULL DEFAULT '-infinity',
      cursor bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);
    INSERT INTO relay_lane (lane) SELECT generate_series(0, ${LANES - 1});

    CREATE TABLE event_sequence (
      topic text NOT NULL,
      key text NOT NULL,
      last bigint NOT NULL,
      PRIMARY KEY (topic, key)
    ) WITH (fillfactor = 70);

    GRANT USAGE ON SCHEMA "${schema}" TO "${runtimeRole}";
    GRANT SELECT, INSERT, UPDATE ON lane_position, event_sequence, parked_event, inbox_mark TO "${runtimeRole}";
    GRANT SELECT, INSERT, UPDATE, DELETE ON parked_key TO "${runtimeRole}";
    GRANT SELECT, INSERT ON inbox, outbox TO "${runtimeRole}";
    GRANT SELECT, UPDATE ON relay_lane TO "${runtimeRole}";
    GRANT USAGE ON SEQUENCE outbox_id TO "${runtimeRole}";
  `;
}

export const MESSAGING_TABLES_DOWN = `
  DROP TABLE event_sequence, relay_lane, outbox, inbox_mark, inbox, parked_event, parked_key, lane_position;
  DROP FUNCTION ensure_partition(text, text, text, text), drop_partition(text, text);
`;
