import type { Queryable, Transaction } from '@kizuna/database';
import type { LaneAddress } from './lane-position.js';
import type { OutboxLine } from './outbox.js';
import type { FetchedMessage } from './port.js';

const MAX_COPY_BYTES = 500_000;

/** One message that is set aside. Without a reason of its own it waits behind an earlier one of its key. */
export interface Aside {
  readonly message: FetchedMessage;
  readonly reason: string | undefined;
}

/**
 * Which of these keys are parked. The rows are locked for share, so that a replay of a key and new events of it wait for
 * each other: what comes during a replay is either set aside before it ends, or handled after it.
 */
export async function parkedKeys(
  tx: Transaction,
  { group, topic, lane }: LaneAddress,
  keys: readonly string[],
): Promise<Set<string>> {
  const rows = await tx.query<{ key: string }>(
    `SELECT key FROM parked_key
     WHERE consumer_group = $1 AND topic = $2 AND lane = $3 AND key = ANY($4) ORDER BY key FOR SHARE`,
    [group, topic, lane, keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Sets messages aside, in order, and blocks their keys. A message without a key is set aside alone. */
export async function park(
  tx: Transaction,
  address: LaneAddress,
  asides: readonly Aside[],
): Promise<OutboxLine[]> {
  const { group, topic, lane } = address;
  await tx.query(
    `INSERT INTO parked_event (consumer_group, topic, lane, message_offset, key, value, reason)
     SELECT $1, $2, $3, n.* FROM unnest($4::bigint[], $5::text[], $6::bytea[], $7::text[]) AS n`,
    [
      group,
      topic,
      lane,
      asides.map(({ message }) => message.offset),
      asides.map(({ message }) => withoutNul(message.key)),
      asides.map(({ message }) => message.value ?? null),
      asides.map(({ reason }) => withoutNul(reason)),
    ],
  );
  const keys = [
    ...new Set(asides.flatMap(({ message }) => (message.key === undefined ? [] : [message.key]))),
  ];
  await tx.query(
    `INSERT INTO parked_key (consumer_group, topic, lane, key)
     SELECT $1, $2, $3, key FROM unnest($4::text[]) AS n (key) ON CONFLICT DO NOTHING`,
    [group, topic, lane, keys],
  );
  return asides.filter(({ reason }) => reason !== undefined).map((aside) => copyOf(address, aside));
}

/** PostgreSQL's text has no NUL; a key with one belongs to no program of ours. */
function withoutNul(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll('\0', '\uFFFD');
}

/** What goes to the dead-letter topic: where the message is, why, and the message itself unless it is huge. */
function copyOf({ group, topic, lane }: LaneAddress, { message, reason }: Aside): OutboxLine {
  const { offset, key, value } = message;
  const copy = {
    consumer_group: group,
    topic,
    partition: lane,
    offset,
    key: key ?? null,
    reason,
    value_base64: value && value.length <= MAX_COPY_BYTES ? value.toString('base64') : null,
  };
  const copyKey = key === undefined || /[\t\n]/.test(key) ? `${topic}/${lane}/${offset}` : key;
  return { topic: `${topic}.dlq`, lane, key: copyKey, value: JSON.stringify(copy) };
}

/** How many keys and events wait, for those who watch. */
export async function parkedCounts(
  on: Queryable,
): Promise<{ readonly keys: number; readonly events: number }> {
  const [row] = await on.query<{ keys: string; events: string }>(
    `SELECT (SELECT count(*) FROM parked_key) AS keys,
            (SELECT count(*) FROM parked_event WHERE state = 'parked') AS events`,
  );
  return { keys: Number(row?.keys ?? 0), events: Number(row?.events ?? 0) };
}
