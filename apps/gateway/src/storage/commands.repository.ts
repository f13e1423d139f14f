import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '@kizuna/database';
import type { Command, KnownCommand } from '../domain/command.js';

/** A command under its key, and which attempt at it this is. */
export interface Attempt {
  readonly programId: string;
  readonly key: string;
  readonly attempt: number;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface StoredCommand extends KnownCommand {
  readonly attempt: number;
  readonly answer: StoredAnswer | undefined;
}

interface CommandRow {
  readonly route: string;
  readonly body_hash: string;
  readonly state: KnownCommand['state'];
  readonly attempt: number;
  readonly is_abandoned: boolean;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: Buffer | null;
}

/** Longer than a room is given to answer. By the database's clock, which all instances share. */
const ABANDONED_AFTER = '15 seconds';
const KEPT_FOR = '30 days';
const TIDY_AT_ONCE = 1_000;

/** Commands by their Idempotency-Key. The primary key lets one of many at once begin. */
@Injectable()
export class CommandsRepository {
  constructor(private readonly database: Database) {}

  /** @returns the first attempt; undefined when the key is known */
  async begin(programId: string, key: string, { route, bodyHash }: Command): Promise<Attempt | undefined> {
    const rows = await this.database.query(
      `INSERT INTO command (program_id, idempotency_key, route, body_hash) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING attempt`,
      [programId, key, route, bodyHash],
    );
    return rows.length === 0 ? undefined : { programId, key, attempt: 1 };
  }

  async find(programId: string, key: string): Promise<StoredCommand | undefined> {
    const [row] = await this.database.query<CommandRow>(
      `SELECT route, body_hash, state, attempt, status, headers, body,
              started_at < now() - $3::interval AS is_abandoned
       FROM command WHERE program_id = $1 AND idempotency_key = $2`,
      [programId, key, ABANDONED_AFTER],
    );
    if (!row) return undefined;
    const { route, body_hash: bodyHash, state, attempt, is_abandoned: isAbandoned } = row;
    const { status, headers, body } = row;
    const answer = status === null || !headers || !body ? undefined : { status, headers, body };
    return { route, bodyHash, state, attempt, isAbandoned, answer };
  }

  /** @returns the next attempt; undefined when another one was faster */
  async takeOver({ programId, key, attempt }: Attempt): Promise<Attempt | undefined> {
    const rows = await this.database.query(
      `UPDATE command SET attempt = attempt + 1, state = 'running', started_at = now()
       WHERE program_id = $1 AND idempotency_key = $2 AND attempt = $3 AND state <> 'answered'
       RETURNING attempt`,
      [programId, key, attempt],
    );
    return rows.length === 0 ? undefined : { programId, key, attempt: attempt + 1 };
  }

  /** Nothing was decided: the next attempt may begin at once. */
  async leaveOpen({ programId, key, attempt }: Attempt): Promise<void> {
    await this.database.query(
      `UPDATE command SET state = 'open'
       WHERE program_id = $1 AND idempotency_key = $2 AND attempt = $3 AND state = 'running'`,
      [programId, key, attempt],
    );
  }

  /** Stores the answer, unless a later attempt has taken the command over. */
  async store(attempt: Attempt, answer: StoredAnswer): Promise<void> {
    await storeAnswer(this.database, attempt, answer);
  }

  /** Forgets what is older than thirty days. @returns how many */
  async tidy(): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const rows = await this.database.query(
        `DELETE FROM command WHERE (program_id, idempotency_key) IN (
           SELECT program_id, idempotency_key FROM command
           WHERE created_at < now() - $1::interval ORDER BY created_at LIMIT $2
         ) RETURNING 1`,
        [KEPT_FOR, TIDY_AT_ONCE],
      );
      forgotten += rows.length;
      if (rows.length < TIDY_AT_ONCE) return forgotten;
    }
  }
}

/** A later attempt runs the command now; nothing of this one may stand. */
export class CommandTakenOver extends Error {
  override readonly name = 'CommandTakenOver';
}

/** In the transaction of the effect. @throws CommandTakenOver */
export async function storeAnswerWithEffect(
  on: Queryable,
  attempt: Attempt,
  answer: StoredAnswer,
): Promise<void> {
  if (!(await storeAnswer(on, attempt, answer))) throw new CommandTakenOver(attempt.key);
}

async function storeAnswer(
  on: Queryable,
  { programId, key, attempt }: Attempt,
  { status, headers, body }: StoredAnswer,
): Promise<boolean> {
  const rows = await on.query(
    `UPDATE command SET state = 'answered', status = $4, headers = $5, body = $6
     WHERE program_id = $1 AND idempotency_key = $2 AND attempt = $3 AND state = 'running' RETURNING 1`,
    [programId, key, attempt, status, JSON.stringify(headers), body],
  );
  return rows.length > 0;
}
