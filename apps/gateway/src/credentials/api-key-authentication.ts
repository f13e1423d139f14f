import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem, type Authentication, type Caller } from '@kizuna/service';
import { kindOfKey, type KeyKind } from '../domain/api-key.js';
import { ExpiringMap } from '../caching/expiring-map.js';
import { Programs } from '../programs/programs.js';
import { ApiKeysRepository } from '../storage/api-keys.repository.js';
import { FailedAttempts } from './failed-attempts.js';

const TTL_MS = 5_000;
const MAX_VALID = 10_000;
const MAX_UNKNOWN = 10_000;
const PROVEN_MS = 10 * 60_000;

interface Known {
  readonly caller: Caller;
  readonly expiresAt: Date | null;
}

/**
 * A program's own key opens the front door. Both answers are remembered for five seconds; unknown keys are remembered
 * apart, or a flood of them would push the good ones out. A key is revoked at once where that was asked, after five seconds
 * at the latest elsewhere, and expires to the second everywhere.
 *
 * An address that keeps failing is answered 429 without a look into the database. A key that was good in the last ten
 * minutes is looked up all the same: who shares the address of a guesser is not shut out with them.
 */
@Injectable()
export class ApiKeyAuthentication implements Authentication {
  private readonly valid = new ExpiringMap<Known | undefined>(TTL_MS, MAX_VALID);
  private readonly unknown = new ExpiringMap<undefined>(TTL_MS, MAX_UNKNOWN);
  private readonly proven = new ExpiringMap<true>(PROVEN_MS, MAX_VALID);
  private readonly failed = new FailedAttempts();

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly programs: Programs,
  ) {}

  /** @throws Problem 429 */
  async authenticate(bearer: string, address: string): Promise<Caller | undefined> {
    const secretHash = createHash('sha256').update(bearer).digest();
    const name = secretHash.toString('base64');
    if (!this.proven.has(name)) this.refuseGuesser(address);
    const kind = kindOfKey(bearer);
    const caller = kind && !this.unknown.has(name) ? await this.callerOf(name, secretHash, kind) : undefined;
    if (!caller) this.failed.note(address);
    return caller;
  }

  /** This instance has revoked the key. */
  forget(secretHash: Buffer): void {
    this.valid.delete(secretHash.toString('base64'));
  }

  private async callerOf(name: string, secretHash: Buffer, kind: KeyKind): Promise<Caller | undefined> {
    const known = await this.valid.get(name, () => this.lookUp(secretHash, kind));
    if (known && !isOver(known)) {
      if (!this.proven.has(name)) this.proven.set(name, Promise.resolve(true));
      return known.caller;
    }
    this.valid.delete(name);
    this.unknown.set(name, Promise.resolve(undefined));
    return undefined;
  }

  private async lookUp(secretHash: Buffer, kind: KeyKind): Promise<Known | undefined> {
    const key = await this.keys.validByHash(secretHash);
    if (!key) return undefined;
    if ((await this.programs.modeOf(key.programId)) !== kind) return undefined;
    const caller = { programId: key.programId, scopes: new Set(key.scopes), actor: `key:${key.keyId}` };
    return { caller, expiresAt: key.expiresAt };
  }

  private refuseGuesser(address: string): void {
    const waitMs = this.failed.waitOf(address);
    if (waitMs === undefined) return;
    throw new Problem(429, 'too_many_requests', {
      detail: 'too many credentials from this address were not valid',
      retryAfter: Math.ceil(waitMs / 1_000),
    });
  }
}

function isOver({ expiresAt }: Known): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}
