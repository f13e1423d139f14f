import type { Transaction } from '@kizuna/database';

export interface NewApiKey {
  readonly keyId: string;
  readonly programId: string;
  readonly name: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | undefined;
  readonly createdBy: string;
}

/** @returns when it was made, by the database's clock */
export async function insertApiKey(tx: Transaction, key: NewApiKey): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(
    `INSERT INTO api_key (key_id, program_id, name, secret_hash, scopes, expires_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING created_at`,
    [key.keyId, key.programId, key.name, key.secretHash, key.scopes, key.expiresAt ?? null, key.createdBy],
  );
  return row?.created_at ?? new Date(NaN);
}
