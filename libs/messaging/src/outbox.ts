import type { EventContract, EventEnvelope, DataOf } from '@kizuna/contracts';
import {
  bigintArray,
  integerArray,
  smallintArray,
  textArray,
  type Queryable,
  type Transaction,
} from '@kizuna/database';
import { formatInstant, invariant, type Instant } from '@kizuna/kernel';
import { laneOf } from './lane.js';

/** Kafka refuses messages above 1 MiB; a row holds one chunk's events and is split before it grows too large. */
const MAX_EVENT_BYTES = 1_000_000;
const MAX_ROW_BYTES = 1_000_000;
const FEW_EVENTS = 500;
const ADVISORY_CLASS = 0x6b7a; // 'kz'

export interface OutgoingEvent<Contract extends EventContract = EventContract> {
  readonly contract: Contract;
  readonly id: string;
  readonly key: string;
  readonly programId: string;
  readonly subject: string;
  readonly occurredAt: Instant;
  readonly causationId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** `sequence` is given by the outbox where the contract has one. */
  readonly data: Omit<DataOf<Contract>, 'sequence'>;
}

/** Checks at compile time that the data fits its contract. */
export function outgoing<Contract extends EventContract>(event: OutgoingEvent<Contract>): OutgoingEvent {
  return event as unknown as OutgoingEvent;
}

/** The event is too large to be published; nothing of its transaction may stand. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
}

const wantsSequence = (contract: EventContract): boolean =>
  typeof contract.schema === 'object' &&
  contract.schema !== null &&
  'sequence' in ((contract.schema as { properties?: object }).properties ?? {});

/** One message as the outbox holds it; the lane is its partition. */
export interface OutboxLine {
  readonly topic: string;
  readonly lane: number;
  readonly key: string;
  readonly value: string;
}

/**
 * Writes the events of one transaction in their order, one row per lane, as its last statements; `copies` go behind them.
 * The lane's append lock makes id order equal commit order, which the relay's cursor stands on.
 *
 * @param source CloudEvents source of the room, e.g. `/campaigns`
 * @throws EventTooLarge
 */
export async function appendToOutbox(
  tx: Transaction,
  source: string,
  events: readonly OutgoingEvent[],
  copies: readonly OutboxLine[] = [],
): Promise<void> {
  const eventsOf = Map.groupBy(events, ({ key }) => laneOf(key));
  const copiesOf = Map.groupBy(copies, ({ lane }) => lane);
  const lanes = [...new Set([...eventsOf.keys(), ...copiesOf.keys()])].sort((a, b) => a - b);
  if (lanes.length === 0) return;
  // Its own statement: the snapshot of the insert must be taken after the locks are held.
  await tx.query(
    {
      name: 'outbox-lock',
      text: 'SELECT pg_advisory_xact_lock($1, lane) FROM unnest($2::int[]) AS n (lane)',
    },
    [ADVISORY_CLASS, integerArray(lanes)],
  );
  const sequenceOf = await nextSequences(tx, events);
  const rows = lanes.flatMap((lane) => {
    const lines = [
      ...(eventsOf.get(lane) ?? []).map((event) => lineOf(event, source, sequenceOf(event))),
      ...(copiesOf.get(lane) ?? []).map(({ topic, key, value }) => `${topic}\t${key}\t${value}`),
    ];
    return [...rowsOf(lines)].map((row) => ({ lane, row }));
  });
  if (rows.reduce((sum, { row }) => sum + row.length, 0) > FEW_EVENTS) {
    // Large texts would be copied twice more on their way through an array.
    for (const { lane, row } of rows)
      await tx.query(
        { name: 'outbox-append', text: 'INSERT INTO outbox (lane, event_count, events) VALUES ($1, $2, $3)' },
        [lane, row.length, row.join('\n')],
      );
    return;
  }
  await tx.query(
    {
      name: 'outbox-append-lanes',
      text: `INSERT INTO outbox (lane, event_count, events)
             SELECT * FROM unnest($1::smallint[], $2::int[], $3::text[])`,
    },
    [
      smallintArray(rows.map(({ lane }) => lane)),
      integerArray(rows.map(({ row }) => row.length)),
      textArray(rows.map(({ row }) => row.join('\n'))),
    ],
  );
}

async function nextSequences(
  tx: Transaction,
  events: readonly OutgoingEvent[],
): Promise<(event: OutgoingEvent) => number | undefined> {
  const counts = new Map<string, number>();
  const nameOf = ({ contract, key }: OutgoingEvent): string => `${contract.topic}\t${key}`;
  for (const event of events) {
    if (wantsSequence(event.contract)) counts.set(nameOf(event), (counts.get(nameOf(event)) ?? 0) + 1);
  }
  if (counts.size === 0) return () => undefined;
  const names = [...counts.keys()].sort();
  const rows = await tx.query<{ topic: string; key: string; last: string }>(
    {
      name: 'outbox-sequence',
      text: `INSERT INTO event_sequence AS s (topic, key, last)
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
             ON CONFLICT (topic, key) DO UPDATE SET last = s.last + excluded.last
             RETURNING topic, key, last`,
    },
    [
      textArray(names.map((name) => name.split('\t')[0])),
      textArray(names.map((name) => name.split('\t')[1])),
      bigintArray(names.map((name) => counts.get(name))),
    ],
  );
  const next = new Map(
    rows.map(({ topic, key, last }) => [
      `${topic}\t${key}`,
      Number(last) - (counts.get(`${topic}\t${key}`) ?? 0),
    ]),
  );
  return (event) => {
    if (!wantsSequence(event.contract)) return undefined;
    const sequence = (next.get(nameOf(event)) ?? 0) + 1;
    next.set(nameOf(event), sequence);
    return sequence;
  };
}

/** `topic TAB key TAB event`: JSON has neither a raw tab nor a line feed, so the relay only splits. */
function lineOf(event: OutgoingEvent, source: string, sequence: number | undefined): string {
  const { contract, key, subject, programId, occurredAt, causationId, correlationId } = event;
  const data = sequence === undefined ? event.data : { ...(event.data as object), sequence };
  const checked = contract.checkClosed(data);
  invariant(
    checked.valid,
    `${contract.type} does not fit its contract: ${checked.valid ? '' : JSON.stringify(checked.faults)}`,
  );
  const envelope: EventEnvelope = {
    specversion: '1.0',
    id: event.id,
    source,
    type: contract.type,
    time: formatInstant(occurredAt),
    subject,
    datacontenttype: 'application/json',
    program: programId,
    ...(causationId ? { causationid: causationId } : {}),
    ...(correlationId ? { correlationid: correlationId } : {}),
    data,
  };
  const value = JSON.stringify(envelope);
  if (Buffer.byteLength(value) > MAX_EVENT_BYTES)
    throw new EventTooLarge(`${contract.type} ${event.id} has more than ${MAX_EVENT_BYTES} bytes`);
  return `${contract.topic}\t${key}\t${value}`;
}

function* rowsOf(lines: readonly string[]): Generator<string[]> {
  let row: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    if (row.length > 0 && bytes + size > MAX_ROW_BYTES) {
      yield row;
      row = [];
      bytes = 0;
    }
    row.push(line);
    bytes += size;
  }
  if (row.length > 0) yield row;
}

export interface RelayProgress {
  readonly lane: number;
  readonly owner: string | null;
  readonly cursor: number;
  readonly lastOutboxId: number;
}

export async function relayProgress(on: Queryable): Promise<RelayProgress[]> {
  const rows = await on.query<{ lane: number; owner: string | null; cursor: string; last: string }>(
    `SELECT r.lane, r.owner, r.cursor, greatest(r.cursor, coalesce(o.id, 0)) AS last
     FROM relay_lane r
     LEFT JOIN LATERAL (SELECT id FROM outbox o WHERE o.lane = r.lane ORDER BY id DESC LIMIT 1) o ON true
     ORDER BY r.lane`,
  );
  return rows.map(({ lane, owner, cursor, last }) => ({
    lane,
    owner,
    cursor: Number(cursor),
    lastOutboxId: Number(last),
  }));
}
