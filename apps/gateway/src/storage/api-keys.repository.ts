import { Injectable } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { IsNull, Raw } from 'typeorm';
import { ApiKeyEntity, type ApiKeyRow } from './api-key.entity.js';
import { storeAnswerWithEffect, type Attempt, type StoredAnswer } from './commands.repository.js';
import { insertApiKey, type NewApiKey } from './insert-api-key.js';

export interface ListedApiKey extends Omit<ApiKeyRow, 'secretHash'> {
  readonly state: 'active' | 'expired' | 'revoked';
  /** Its place in the list: `createdAt` in microseconds. */
  readonly position: string;
}

const LISTED = `key_id AS "keyId", program_id AS "programId", name, scopes, created_at AS "createdAt",
  created_by AS "createdBy", expires_at AS "expiresAt", revoked_at AS "revokedAt", revoked_by AS "revokedBy",
  (extract(epoch FROM created_at) * 1000000)::bigint::text AS position,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'active' END AS state`;

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  /** Neither revoked nor expired, by the database's clock. */
  async validByHash(secretHash: Buffer): Promise<ApiKeyRow | null> {
    return this.database.dataSource.getRepository(ApiKeyEntity).findOneBy({
      secretHash,
      revokedAt: IsNull(),
      expiresAt: Raw((column) => `(${column} IS NULL OR ${column} > now())`),
    });
  }

  /** Newest first. */
  async list(programId: string, limit: number, after?: readonly string[]): Promise<ListedApiKey[]> {
    const [position = null, keyId = ''] = after ?? [];
    return this.database.query<ListedApiKey & Record<string, unknown>>(
      `SELECT ${LISTED} FROM api_key
       WHERE program_id = $1
         AND ($2::bigint IS NULL
              OR (created_at, key_id) < (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3))
       ORDER BY api_key.created_at DESC, key_id DESC LIMIT $4`,
      [programId, position, keyId, limit],
    );
  }

  /**
   * The key, and what its command is answered with when it is sent again.
   *
   * @param answer of when the key was made
   * @throws CommandTakenOver
   */
  async insert(
    key: NewApiKey,
    attempt: Attempt | undefined,
    answer: (createdAt: Date) => StoredAnswer,
  ): Promise<Date> {
    return this.database.transaction(async (tx) => {
      const createdAt = await insertApiKey(tx, key);
      if (attempt) await storeAnswerWithEffect(tx, attempt, answer(createdAt));
      return createdAt;
    });
  }

  /**
   * Ends a key; one that has ended stays as it is.
   *
   * @returns the key with its hash; undefined when the program has none of this name
   */
  async revoke(
    programId: string,
    keyId: string,
    actor: string,
  ): Promise<(ListedApiKey & { readonly secretHash: Buffer }) | undefined> {
    await this.database.query('SELECT revoke_api_key($1, $2, $3)', [programId, keyId, actor]);
    const [row] = await this.database.query<ListedApiKey & { secretHash: Buffer } & Record<string, unknown>>(
      `SELECT ${LISTED}, secret_hash AS "secretHash" FROM api_key WHERE program_id = $1 AND key_id = $2`,
      [programId, keyId],
    );
    return row;
  }
}
