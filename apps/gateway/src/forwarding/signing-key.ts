import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

export interface SigningKey {
  readonly key: KeyObject;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
}

/** The key with its public part; `kid` is the RFC 7638 thumbprint, so the same key has the same name everywhere. */
export function signingKeyOf(key: KeyObject): SigningKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('the signing key is an Ed25519 key');
  const { kty = '', crv = '', x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  return { key, kid, publicJwk: { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' } };
}
