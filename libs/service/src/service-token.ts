import { Logger } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, SignJWT, type CryptoKey, type KeyObject } from 'jose';
import type { Authentication } from './authentication.guard.js';
import type { Caller } from './caller.js';

const ISSUER = 'kizuna-gateway';
const LIFETIME_SECONDS = 60;

/** Signs the token that the gateway sends along with a forwarded call: one minute, one audience. */
export async function signServiceToken(
  caller: Caller,
  audience: string,
  { key, kid }: { readonly key: CryptoKey | KeyObject; readonly kid: string },
): Promise<string> {
  return new SignJWT({ program: caller.programId, scopes: [...caller.scopes], actor: caller.actor })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(key);
}

/**
 * Verifies such tokens against the gateway's published key set. An unknown `kid` makes it ask for the set again, at most
 * once in ten seconds; nothing in a token makes it ask anywhere else.
 */
export class ServiceTokenAuthentication implements Authentication {
  private readonly logger = new Logger('service-token');
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(
    keySetUrl: string,
    private readonly audience: string,
  ) {
    this.keys = createRemoteJWKSet(new URL(keySetUrl), { cooldownDuration: 10_000, timeoutDuration: 3_000 });
  }

  async authenticate(bearer: string): Promise<Caller | undefined> {
    try {
      const { payload } = await jwtVerify(bearer, this.keys, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: this.audience,
        maxTokenAge: LIFETIME_SECONDS,
        clockTolerance: 5,
        requiredClaims: ['exp', 'iat', 'program', 'scopes', 'actor'],
      });
      const { program, scopes, actor } = payload;
      if (typeof program !== 'string' || typeof actor !== 'string' || !Array.isArray(scopes))
        return undefined;
      return { programId: program, actor, scopes: new Set(scopes.map(String)) };
    } catch (error) {
      if (!(error instanceof errors.JOSEError))
        this.logger.error({ err: error }, 'the key set could not be read');
      return undefined;
    }
  }
}
