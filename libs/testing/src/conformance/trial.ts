import { defineEvent, type EventEnvelope } from '@kizuna/contracts';
import { formatInstant, instant, memberKey } from '@kizuna/kernel';
import {
  laneOf,
  messagingSchema,
  outgoing,
  type Chunk,
  type OutgoingEvent,
  type ReceivedOf,
} from '@kizuna/messaging';
import type { MigrationClass, Queryable, Transaction } from '@kizuna/database';

/** The room under trial: it reads `trialMade`, writes one effect row for each and publishes `trialSeen`. */
export const ROOM = 'conformance';
export const PROGRAM = 'trials';
export const MADE_AT = '2027-04-10T01:00:00.000Z';

const n = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

export const trialMade = defineEvent('kizuna.trial.made.v1', 'purchase-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', 'n'],
  properties: { program_id: { type: 'string' }, n, note: { type: 'string' } },
} as const);

/** The same fact on the compacted topic. */
export const trialKept = defineEvent('kizuna.trial.kept.v1', 'program-settings', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', 'n'],
  properties: { program_id: { type: 'string' }, n, note: { type: 'string' } },
} as const);

export const trialSeen = defineEvent('kizuna.trial.seen.v1', 'award-events', {
  type: 'object',
  additionalProperties: false,
  required: ['program_id', 'n', 'sequence'],
  properties: { program_id: { type: 'string' }, n, sequence: n, note: { type: 'string' } },
} as const);

export type TrialEvent = ReceivedOf<typeof trialMade> | ReceivedOf<typeof trialKept>;

class Trial1764000000000 {
  readonly name = 'Trial1764000000000';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(messagingSchema(ROOM, `${ROOM}_runtime`));
    // No unique key: a second effect of one event must be seen, not refused.
    await runner.query(`
      CREATE TABLE effect (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id text NOT NULL,
        key text NOT NULL,
        lane smallint NOT NULL,
        n bigint NOT NULL,
        is_conflict boolean NOT NULL,
        owner text NOT NULL
      );
      GRANT SELECT, INSERT ON effect TO "${ROOM}_runtime";
    `);
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

export const trialMigrations: readonly MigrationClass[] = [Trial1764000000000];

export interface Effect {
  readonly id: string;
  readonly key: string;
  readonly lane: number;
  readonly n: number;
  readonly isConflict: boolean;
  readonly owner: string;
}

/** The handler of the room under trial. */
export async function recordEffects(
  { lane, events }: Chunk<TrialEvent>,
  tx: Transaction,
  owner: string,
): Promise<OutgoingEvent[]> {
  await tx.query(
    `INSERT INTO effect (event_id, key, n, is_conflict, lane, owner)
     SELECT e.event_id, e.key, e.n, e.is_conflict, $5, $6
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) WITH ORDINALITY AS e (event_id, key, n, is_conflict, at)
     ORDER BY e.at`,
    [
      events.map(({ id }) => id),
      events.map(({ key }) => key),
      events.map(({ data }) => data.n),
      events.map(({ isConflict }) => isConflict),
      lane,
      owner,
    ],
  );
  return events.filter(({ isConflict }) => !isConflict).map(seen);
}

export function seen({ id, key, programId, data }: TrialEvent): OutgoingEvent {
  return aSeen(id, key, data.n, programId);
}

export function aSeen(
  id: string,
  key: string,
  number: number,
  programId = PROGRAM,
  note?: string,
): OutgoingEvent {
  return outgoing({
    contract: trialSeen,
    id: `seen:${id}`,
    key,
    programId,
    subject: key.slice(programId.length + 1),
    occurredAt: instant(MADE_AT),
    data: { program_id: programId, n: number, ...(note === undefined ? {} : { note }) },
  });
}

/** In the order in which they were written, which within a lane is the order of the chunks. */
export async function effectsIn(on: Queryable): Promise<Effect[]> {
  const rows = await on.query<{
    event_id: string;
    key: string;
    lane: number;
    n: string;
    is_conflict: boolean;
    owner: string;
  }>('SELECT event_id, key, lane, n, is_conflict, owner FROM effect ORDER BY seq');
  return rows.map(({ event_id, n: number, is_conflict, key, lane, owner }) => ({
    id: event_id,
    key,
    lane,
    n: Number(number),
    isConflict: is_conflict,
    owner,
  }));
}

/** A message as a storefront's client would produce it. */
export interface TrialMessage {
  readonly key: string;
  readonly value: string;
}

export function envelope(member: string, id: string, data: object): EventEnvelope {
  return {
    specversion: '1.0',
    id,
    source: '/trials',
    type: trialMade.type,
    time: formatInstant(instant(MADE_AT)),
    subject: member,
    program: PROGRAM,
    data: { program_id: PROGRAM, ...data },
  };
}

export function trial(member: string, number: number, note?: string): TrialMessage {
  const data = { n: number, ...(note === undefined ? {} : { note }) };
  return { key: keyOf(member), value: JSON.stringify(envelope(member, `${member}-${number}`, data)) };
}

/** `count` events of one member, numbered from `from` on. */
export function trials(member: string, count: number, from = 1): TrialMessage[] {
  return Array.from({ length: count }, (_, index) => trial(member, from + index));
}

export function keyOf(member: string): string {
  return memberKey(PROGRAM, member);
}

/** The first member names that begin with `word` and live in the lane. */
export function membersIn(lane: number, count: number, word = 'm'): string[] {
  const members: string[] = [];
  for (let index = 0; members.length < count; index += 1) {
    const member = `${word}${index}`;
    if (laneOf(keyOf(member)) === lane) members.push(member);
  }
  return members;
}

/** The one member of a lane that most tests need. */
export function memberIn(lane: number, word = 'm'): string {
  return membersIn(lane, 1, word)[0] ?? word;
}
