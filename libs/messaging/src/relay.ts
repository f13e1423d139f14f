import type { Queryable } from '@kizuna/database';
import type { OutgoingMessage, Producer } from './port.js';

const LEASE_SECONDS = 5;
const POLL_MS = 100;
const ROWS_PER_LANE = 8;
/**
 * A round takes rows until it has so many bytes, so at most one row's more: what a slow line carries within the deadline of
 * a send. The cursor moves after each round, so that a backlog of any size is published step by step.
 */
const MAX_ROUND_BYTES = 1_000_000;
const RETRY_MS = 500;

export interface RelayOptions {
  readonly database: Queryable;
  readonly producer: Producer;
  /** Unique per process. */
  readonly owner: string;
  /** Physical name of a topic. */
  topicName(topic: string): string;
  onError(error: unknown): void;
}

interface Row {
  readonly lane: number;
  readonly epoch: string;
  readonly cursor: string;
  readonly id: string;
  readonly events: string;
}

/**
 * Publishes the outbox: lanes are owned by lease (database clock), read from their cursor on, sent with their keys, and
 * the cursor moves by compare-and-set on the owner's epoch. An owner that slept past its lease can only repeat what was
 * sent; it cannot move the cursor.
 */
export class Relay {
  private stopping = false;
  private running: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;
  private isWoken = false;
  /** By a clock that nobody sets: a lease must not lapse because the machine's time was put back. */
  private leasedAt = -Infinity;

  constructor(private readonly options: RelayOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** There is something to publish: called after a commit, so that nobody waits for the poll. */
  wake(): void {
    this.isWoken = true;
    this.wakeUp?.();
  }

  /** Finishes the send under way, closes its producer and gives the lanes back. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    const { database, owner, producer } = this.options;
    await producer.stop();
    await database
      .query(`UPDATE relay_lane SET owner = NULL, lease_until = '-infinity' WHERE owner = $1`, [owner])
      .catch((error: unknown) => this.options.onError(error));
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        if (performance.now() - this.leasedAt > (LEASE_SECONDS * 1_000) / 3) await this.lease();
        this.isWoken = false;
        const sent = await this.publish();
        if (!sent) await this.rest(POLL_MS);
      } catch (error) {
        this.options.onError(error);
        await this.rest(RETRY_MS);
      }
    }
  }

  private async rest(ms: number): Promise<void> {
    if (this.stopping || this.isWoken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }

  /** Renews what is ours and takes what nobody holds. */
  private async lease(): Promise<void> {
    const { database, owner } = this.options;
    await database.query(
      `UPDATE relay_lane r
       SET owner = $1, lease_until = now() + make_interval(secs => $2),
           epoch = CASE WHEN r.owner = $1 THEN r.epoch ELSE r.epoch + 1 END
       FROM (SELECT lane FROM relay_lane WHERE owner = $1 OR lease_until < now()
             ORDER BY lane FOR UPDATE SKIP LOCKED) free
       WHERE r.lane = free.lane`,
      [owner, LEASE_SECONDS],
    );
    this.leasedAt = performance.now();
  }

  /** One round over our lanes. @returns whether anything was sent */
  private async publish(): Promise<boolean> {
    const { database, producer, owner, topicName } = this.options;
    const rows = await database.query<Row & Record<string, unknown>>(
      {
        name: 'relay-read',
        // The oldest rows of all lanes first, so that none is served twice while another one waits.
        text: `SELECT lane, epoch, cursor, id, events
               FROM (SELECT r.lane, r.epoch, r.cursor, o.id, o.events,
                            sum(octet_length(o.events)) OVER (ORDER BY o.id ROWS UNBOUNDED PRECEDING)
                              - octet_length(o.events) AS bytes_before
                     FROM relay_lane r
                     CROSS JOIN LATERAL (SELECT id, events FROM outbox o WHERE o.lane = r.lane AND o.id > r.cursor
                                         ORDER BY o.id LIMIT ${ROWS_PER_LANE}) o
                     WHERE r.owner = $1 AND r.lease_until > now()) waiting
               WHERE bytes_before < ${MAX_ROUND_BYTES}
               ORDER BY id`,
      },
      [owner],
    );
    if (rows.length === 0) return false;
    await producer.send(rows.flatMap((row) => messagesOf(row, topicName)));

    const last = new Map(rows.map((row) => [row.lane, row]));
    const lanes = [...last.values()];
    await database.query(
      {
        name: 'relay-advance',
        // Need not wait for the disk: a cursor lost with the server repeats what was sent, which consumers suppress.
        text: `WITH lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
               UPDATE relay_lane r SET cursor = n.id
               FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS n (lane, epoch, cursor, id), lazily
               WHERE r.lane = n.lane AND r.epoch = n.epoch AND r.cursor = n.cursor AND r.owner = $5`,
      },
      [
        lanes.map(({ lane }) => lane),
        lanes.map(({ epoch }) => epoch),
        lanes.map(({ cursor }) => cursor),
        lanes.map(({ id }) => id),
        owner,
      ],
    );
    return true;
  }
}

function messagesOf({ lane, events }: Row, topicName: (topic: string) => string): OutgoingMessage[] {
  return events.split('\n').map((line) => {
    const [topic = '', key = '', value = ''] = line.split('\t');
    return { topic: topicName(topic), partition: lane, key, value };
  });
}
