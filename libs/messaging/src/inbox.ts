import { canonicalHash } from '@kizuna/contracts';
import { textArray, type Transaction } from '@kizuna/database';
import type { ReceivedEvent } from './events.js';

interface Candidate {
  readonly event: ReceivedEvent;
  readonly hash: string;
}

function identity({ programId, source, id }: ReceivedEvent): string {
  return `${programId} ${source} ${id}`;
}

/**
 * Claims the events of a chunk: what is new passes, a repetition is dropped, and the same id with other content passes
 * marked as a conflict. An event and its repetition share a lane, whose position serialises chunks; only a repetition
 * under another member comes through another lane, and two such may both pass: the room's business fence tells them apart.
 */
export async function claimEvents(
  tx: Transaction,
  events: readonly ReceivedEvent[],
): Promise<ReceivedEvent[]> {
  const first = new Map<string, Candidate>();
  const candidates = events.map((event) => ({
    event,
    hash: canonicalHash(event.data as Record<string, unknown>),
  }));
  for (const candidate of candidates) {
    const name = identity(candidate.event);
    if (!first.has(name)) first.set(name, candidate);
  }

  const asked = [...first.values()];
  const claimed = new Set(await insertUnseen(tx, asked));
  const seen = await hashesOf(
    tx,
    asked.filter(({ event }) => !claimed.has(identity(event))),
  );

  const passed: ReceivedEvent[] = [];
  for (const candidate of candidates) {
    const { event, hash } = candidate;
    const name = identity(event);
    const isFirst = claimed.has(name) && first.get(name) === candidate;
    const known = seen.get(name) ?? first.get(name)?.hash;
    if (isFirst) passed.push({ ...event, dataHash: hash });
    else if (known !== hash) passed.push({ ...event, dataHash: hash, isConflict: true });
  }
  return passed;
}

const columns = (candidates: readonly Candidate[]): unknown[] => [
  textArray(candidates.map(({ event }) => event.programId)),
  textArray(candidates.map(({ event }) => event.source)),
  textArray(candidates.map(({ event }) => event.id)),
];

async function insertUnseen(tx: Transaction, candidates: readonly Candidate[]): Promise<string[]> {
  if (candidates.length === 0) return [];
  const rows = await tx.query<{ name: string }>(
    {
      name: 'claim-events',
      text: `INSERT INTO inbox (program_id, source, event_id, data_hash)
             SELECT n.program_id, n.source, n.event_id, decode(n.hash, 'hex')
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n (program_id, source, event_id, hash)
             WHERE NOT EXISTS (SELECT FROM inbox i
                               WHERE i.program_id = n.program_id AND i.source = n.source AND i.event_id = n.event_id)
             ORDER BY n.program_id, n.source, n.event_id
             ON CONFLICT DO NOTHING
             RETURNING program_id || ' ' || source || ' ' || event_id AS name`,
    },
    [...columns(candidates), textArray(candidates.map(({ hash }) => hash))],
  );
  return rows.map(({ name }) => name);
}

async function hashesOf(tx: Transaction, candidates: readonly Candidate[]): Promise<Map<string, string>> {
  if (candidates.length === 0) return new Map();
  const rows = await tx.query<{ name: string; hash: string }>(
    `SELECT DISTINCT ON (i.program_id, i.source, i.event_id)
            i.program_id || ' ' || i.source || ' ' || i.event_id AS name, encode(i.data_hash, 'hex') AS hash
     FROM unnest($1::text[], $2::text[], $3::text[]) AS n (program_id, source, event_id)
     JOIN inbox i USING (program_id, source, event_id)
     ORDER BY i.program_id, i.source, i.event_id, i.claimed_at`,
    columns(candidates),
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}
