import { createHash, randomBytes, randomInt } from 'node:crypto';
import { formatKey, type KeyKind } from '../domain/api-key.js';

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 8;
const SECRET_BYTES = 32;

export interface IssuedApiKey {
  readonly keyId: string;
  /** Shown once; only its hash is kept. */
  readonly apiKey: string;
  readonly secretHash: Buffer;
}

export function issueApiKey(kind: KeyKind): IssuedApiKey {
  const apiKey = formatKey(kind, randomBytes(SECRET_BYTES).toString('base64url'));
  const keyId = Array.from({ length: ID_LENGTH }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join('');
  return { keyId, apiKey, secretHash: createHash('sha256').update(apiKey).digest() };
}
