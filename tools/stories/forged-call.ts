import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Story } from './story.js';

/** What the gateway would say of a forwarded call. */
export interface Call {
  readonly program: string;
  readonly audience: string;
  readonly issuedSecondsAgo: number;
  readonly kid: string;
}

const LIFETIME_SECONDS = 60;

/** A service token made by hand, so that any part of it can be wrong. */
export function forgedCall({ program, audience, issuedSecondsAgo, kid }: Call, key: KeyObject): string {
  const issuedAt = Math.floor(Date.now() / 1_000) - issuedSecondsAgo;
  const header = { alg: 'EdDSA', kid, typ: 'JWT' };
  const claims = {
    program,
    scopes: ['rules:read', 'wallets:read'],
    actor: 'key:story',
    iss: 'kizuna-gateway',
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** The gateway's own key, as only this machine knows it, and its published name. */
export async function gatewayKey({ local, directory }: Story): Promise<{ key: KeyObject; kid: string }> {
  const response = await fetch(`${local.urls.gateway}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: readonly { kid: string }[] };
  const key = createPrivateKey(readFileSync(join(directory, 'signing-key.pem')));
  return { key, kid: keys[0]?.kid ?? '' };
}
