import { EntitySchema } from 'typeorm';

export interface ApiKeyRow {
  /** Eight characters that name the key in logs; no part of the key itself. */
  keyId: string;
  programId: string;
  name: string;
  /** SHA-256 of the whole key. */
  secretHash: Buffer;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** `operator`, or the key that made it. */
  createdBy: string;
  revokedBy: string | null;
}

export const ApiKeyEntity = new EntitySchema<ApiKeyRow>({
  name: 'api_key',
  columns: {
    keyId: { name: 'key_id', type: 'text', primary: true },
    programId: { name: 'program_id', type: 'text' },
    name: { type: 'text' },
    secretHash: { name: 'secret_hash', type: 'bytea' },
    scopes: { type: 'text', array: true },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    expiresAt: { name: 'expires_at', type: 'timestamptz', nullable: true },
    revokedAt: { name: 'revoked_at', type: 'timestamptz', nullable: true },
    createdBy: { name: 'created_by', type: 'text' },
    revokedBy: { name: 'revoked_by', type: 'text', nullable: true },
  },
});
