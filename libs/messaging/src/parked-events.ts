import type { Database, Queryable, Transaction } from '@kizuna/database';
import { decode, type ReceivedEvent } from './events.js';
import { claimEvents } from './inbox.js';
import type { TopicHandler } from './topic-handler.js';
import { appendToOutbox } from './outbox.js';

export interface ParkedEvent {
  readonly id: number;
  readonly topic: string;
  readonly lane: number;
  readonly offset: number;
  readonly key: string | null;
  /** undefined: it waits behind an earlier event of its key. */
  readonly reason: string | undefined;
  readonly state: 'parked' | 'replayed' | 'discarded';
  readonly isEdited: boolean;
  readonly parkedAt: Date;
  readonly resolvedAt: Date | undefined;
  readonly resolvedBy: string | undefined;
  readonly resolution: string | undefined;
}

export interface ParkedEventWithValue extends ParkedEvent {
  /** What would be handled: the edited value where there is one. */
  readonly value: Buffer | undefined;
}

export interface ReplayResult {
  readonly replayed: number;
  /** Still parked, with the event that stopped the replay. */
  readonly stoppedAt: { readonly id: number; readonly reason: string } | undefined;
}

/** What the operator asked for is not possible; the sentence says why. */
export class ParkedEventRefusal extends Error {
  override readonly name = 'ParkedEventRefusal';
  constructor(
    readonly code: 'not_found' | 'not_parked' | 'no_key' | 'unreadable',
    message: string,
  ) {
    super(message);
  }
}

interface Row extends Record<string, unknown> {
  id: string;
  topic: string;
  lane: number;
  message_offset: string;
  key: string | null;
  value: Buffer | null;
  edited_value: Buffer | null;
  reason: string | null;
  state: ParkedEvent['state'];
  parked_at: Date;
  resolved_at: Date | null;
  resolved_by: string | null;
  resolution: string | null;
}

/** What operators do with events that were set aside. Replays keep the order of a key and go through the room's handler. */
export class ParkedEvents {
  constructor(
    private readonly database: Database,
    private readonly source: string,
    private readonly handlerOf: (topic: string) => TopicHandler | undefined,
  ) {}

  async list(filter: {
    readonly state: ParkedEvent['state'];
    readonly topic?: string | undefined;
    readonly key?: string | undefined;
    readonly after: number;
    readonly limit: number;
  }): Promise<ParkedEvent[]> {
    const rows = await this.database.query<Row>(
      `SELECT * FROM parked_event
       WHERE state = $1 AND ($2::text IS NULL OR topic = $2) AND ($3::text IS NULL OR key = $3) AND id > $4
       ORDER BY id LIMIT $5`,
      [filter.state, filter.topic ?? null, filter.key ?? null, filter.after, filter.limit],
    );
    return rows.map(parkedEvent);
  }

  async show(id: number): Promise<ParkedEventWithValue> {
    const row = await find(this.database, id);
    return { ...parkedEvent(row), value: row.edited_value ?? row.value ?? undefined };
  }

  /**
   * Handles the parked events of a key again, one after the other, each in its own transaction, until none is left or one
   * fails. New events of the key wait behind them all the while.
   */
  async replay(topic: string, key: string, actor: string): Promise<ReplayResult> {
    const handler = this.handlerOf(topic);
    if (!handler) throw new ParkedEventRefusal('not_found', `nobody here handles the topic ${topic}`);
    for (let replayed = 0; ; replayed += 1) {
      let current: Row | undefined;
      try {
        const isDone = await this.database.transaction(async (tx) => {
          current = await this.next(tx, handler, key);
          if (current) await this.handle(tx, handler, current, actor);
          return !current;
        });
        if (isDone) return { replayed, stoppedAt: undefined };
      } catch (error) {
        if (!current) throw error;
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        return { replayed, stoppedAt: { id: Number(current.id), reason } };
      }
    }
  }

  /** Gives an event up for good. With the last one of its key the key flows again. */
  async discard(id: number, reason: string, actor: string): Promise<ParkedEvent> {
    return this.resolve(id, async (tx, row) => {
      await tx.query(
        `UPDATE parked_event SET state = 'discarded', resolution = $2, resolved_by = $3, resolved_at = now() WHERE id = $1`,
        [id, reason, actor],
      );
      if (row.key !== null) await freeWhenEmpty(tx, row.topic, row.key);
    });
  }

  /** Puts another value in the place of a parked event: a replay handles that one. */
  async resubmit(id: number, value: Buffer, reason: string, actor: string): Promise<ParkedEvent> {
    return this.resolve(id, async (tx, row) => {
      const handler = this.handlerOf(row.topic);
      if (row.key === null)
        throw new ParkedEventRefusal(
          'no_key',
          'an event without a key cannot be replayed: discard it and send it anew',
        );
      const decoded =
        handler && decode(handler.contracts, { offset: Number(row.message_offset), key: row.key, value });
      if (decoded?.kind !== 'event')
        throw new ParkedEventRefusal(
          'unreadable',
          `this is no better: ${decoded?.kind === 'unreadable' ? decoded.reason : 'nobody handles its type'}`,
        );
      await tx.query(
        'UPDATE parked_event SET edited_value = $2, resolution = $3, resolved_by = $4 WHERE id = $1',
        [id, value, reason, actor],
      );
    });
  }

  /** The first parked event of the key, with the key locked; frees the key when there is none. */
  private async next(tx: Transaction, { group, topic }: TopicHandler, key: string): Promise<Row | undefined> {
    const locked = await tx.query(
      'SELECT lane FROM parked_key WHERE consumer_group = $1 AND topic = $2 AND key = $3 FOR UPDATE',
      [group, topic, key],
    );
    if (locked.length === 0) return undefined;
    const [row] = await tx.query<Row>(
      `SELECT * FROM parked_event WHERE consumer_group = $1 AND topic = $2 AND key = $3 AND state = 'parked'
       ORDER BY id LIMIT 1`,
      [group, topic, key],
    );
    if (!row) await freeWhenEmpty(tx, topic, key);
    return row;
  }

  private async handle(tx: Transaction, handler: TopicHandler, row: Row, actor: string): Promise<void> {
    const value = row.edited_value ?? row.value ?? undefined;
    const message = { offset: Number(row.message_offset), key: row.key ?? undefined, value };
    const decoded = decode(handler.contracts, message);
    if (decoded.kind === 'unreadable') throw new ParkedEventRefusal('unreadable', decoded.reason);
    const events: readonly ReceivedEvent[] = decoded.kind === 'event' ? [decoded.event] : [];
    const fresh = handler.inbox ? await claimEvents(tx, events) : events;
    const published =
      fresh.length > 0
        ? await handler.handle({ topic: handler.topic, lane: row.lane, events: fresh }, tx)
        : [];
    await tx.query(
      `UPDATE parked_event SET state = 'replayed', resolved_by = $2, resolved_at = now() WHERE id = $1`,
      [row.id, actor],
    );
    await appendToOutbox(tx, this.source, published);
  }

  private async resolve(
    id: number,
    change: (tx: Transaction, row: Row) => Promise<void>,
  ): Promise<ParkedEvent> {
    return this.database.transaction(async (tx) => {
      const known = await find(tx, id);
      // The same order of locks as a replay: the key, then its events.
      await tx.query('SELECT lane FROM parked_key WHERE topic = $1 AND key = $2 FOR UPDATE', [
        known.topic,
        known.key,
      ]);
      const row = await find(tx, id);
      if (row.state !== 'parked')
        throw new ParkedEventRefusal('not_parked', `event ${id} is ${row.state} already`);
      await change(tx, row);
      return parkedEvent(await find(tx, id));
    });
  }
}

async function find(on: Queryable, id: number): Promise<Row> {
  const [row] = await on.query<Row>('SELECT * FROM parked_event WHERE id = $1', [id]);
  if (!row) throw new ParkedEventRefusal('not_found', `there is no parked event ${id}`);
  return row;
}

async function freeWhenEmpty(tx: Transaction, topic: string, key: string): Promise<void> {
  await tx.query(
    `DELETE FROM parked_key k WHERE topic = $1 AND key = $2
     AND NOT EXISTS (SELECT FROM parked_event e
                     WHERE e.consumer_group = k.consumer_group AND e.topic = k.topic AND e.key = k.key AND e.state = 'parked')`,
    [topic, key],
  );
}

function parkedEvent(row: Row): ParkedEvent {
  return {
    id: Number(row.id),
    topic: row.topic,
    lane: row.lane,
    offset: Number(row.message_offset),
    key: row.key,
    reason: row.reason ?? undefined,
    state: row.state,
    isEdited: row.edited_value !== null,
    parkedAt: row.parked_at,
    resolvedAt: row.resolved_at ?? undefined,
    resolvedBy: row.resolved_by ?? undefined,
    resolution: row.resolution ?? undefined,
  };
}
