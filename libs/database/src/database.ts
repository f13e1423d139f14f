import type { MixedList, EntitySchema } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { CommitOutcomeUnknown, isDatabaseAway } from './errors.js';

/** A statement; with a `name` it is prepared once per connection, which pays on hot paths. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
}

/** What a query may be run on: the database itself, or one transaction of it. */
export interface Queryable {
  query<Row extends QueryResultRow>(sql: string | Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export type Transaction = Queryable & { readonly __transaction: true };

export interface DatabaseOptions {
  /** Connection URL of the runtime role. */
  readonly url: string;
  /** Schema of the room; everything that a room owns lies in it. */
  readonly schema: string;
  readonly applicationName: string;
  readonly entities?: MixedList<string | EntitySchema | (new () => object)>;
  readonly poolSize?: number;
}

// Every wait is bounded: a forgotten transaction or a black hole must not hold a lane for long, nor a consumer longer than
// its session at the broker lasts (10 s).
const TIMEOUTS = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 7_000,
  statement_timeout: 6_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 4_000,
};

/**
 * What a service asks on its hot paths is a probe into an index for each row of a chunk, at any size of a table. Left to
 * itself the planner reads small tables whole, keeps that plan for a prepared statement and goes on reading them whole as
 * they grow: chunks of 20 events were seen to cost four times as much after a minute.
 */
const PLANS = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

export class Database implements Queryable {
  private constructor(
    readonly dataSource: DataSource,
    private readonly pool: Pool,
  ) {}

  static async connect(options: DatabaseOptions): Promise<Database> {
    const dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      schema: options.schema,
      applicationName: options.applicationName,
      poolSize: options.poolSize ?? 10,
      ...(options.entities ? { entities: options.entities } : {}),
      installExtensions: false,
      extra: { ...TIMEOUTS, options: `-c search_path=${options.schema} ${PLANS}` },
    });
    await dataSource.initialize();
    const { master } = dataSource.driver as unknown as { master: Pool };
    listenForDeaths(master);
    return new Database(dataSource, master);
  }

  async query<Row extends QueryResultRow>(
    sql: string | Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const statement = typeof sql === 'string' ? { text: sql } : sql;
    return (await this.pool.query<Row>({ ...statement, values: [...values] })).rows;
  }

  /**
   * Runs `work` in one READ COMMITTED transaction. Whatever it throws rolls everything back and is thrown on.
   *
   * @throws CommitOutcomeUnknown when the answer to COMMIT was lost; the connection is destroyed then
   */
  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // A connection that dies between two statements emits an error that nobody else listens for.
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const result = await work(transactionOn(client));
      await commit(client);
      return result;
    } catch (error) {
      // Nothing would answer a ROLLBACK; the server rolls back when the connection ends.
      if (error instanceof Error && isDatabaseAway(error)) broken = error;
      else await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Runs reads that must tell of one moment: all of them see what was committed before the first. */
  async snapshot<Result>(read: (on: Queryable) => Promise<Result>): Promise<Result> {
    return this.transaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return read(tx);
    });
  }

  /** Connections in use and callers waiting for one. */
  load(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/**
 * A connection that dies while nobody waits for it emits an error; without a listener that ends the process. The pool
 * listens while it is idle and takes its listener away when it hands the connection out, so one of ours stays on.
 */
function listenForDeaths(pool: Pool): void {
  const known = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', () => undefined);
  });
}

function transactionOn(client: PoolClient): Transaction {
  const query = async <Row extends QueryResultRow>(
    sql: string | Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> => {
    const statement = typeof sql === 'string' ? { text: sql } : sql;
    return (await client.query<Row>({ ...statement, values: [...values] })).rows;
  };
  return { __transaction: true, query };
}

async function commit(client: PoolClient): Promise<void> {
  const { command } = await asked(client);
  // The server's answer when a statement has failed and nobody minded.
  if (command !== 'COMMIT')
    throw new Error('COMMIT was answered with ROLLBACK: a failed statement was ignored');
}

async function asked(client: PoolClient): Promise<{ readonly command: string }> {
  try {
    return await client.query('COMMIT');
  } catch (error) {
    // A server that answers with an SQLSTATE has decided (and rolled back); silence decides nothing.
    const code = (error as { code?: string }).code ?? '';
    if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')) throw error;
    throw new CommitOutcomeUnknown('the answer to COMMIT was lost', { cause: error });
  }
}
