import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Authentication, Caller } from '@kizuna/service';
import { kindOfKey, type KeyKind } from '../domain/api-key.js';
import { ExpiringMap } from '../caching/expiring-map.js';
import { Programs } from '../programs/programs.js';
import { ApiKeysRepository } from '../storage/api-keys.repository.js';

const TTL_MS = 5_000;
const MAX_VALID = 10_000;
const MAX_UNKNOWN = 10_000;

/**
 * A program's own key opens the front door. Both answers are remembered for five seconds, so a revocation works after
 * that at the latest; unknown keys are remembered apart, or a flood of them would push the good ones out.
 */
@Injectable()
export class ApiKeyAuthentication implements Authentication {
  private readonly valid = new ExpiringMap<Caller | undefined>(TTL_MS, MAX_VALID);
  private readonly unknown = new ExpiringMap<undefined>(TTL_MS, MAX_UNKNOWN);

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly programs: Programs,
  ) {}

  async authenticate(bearer: string): Promise<Caller | undefined> {
    const kind = kindOfKey(bearer);
    if (!kind) return undefined;
    const secretHash = createHash('sha256').update(bearer).digest();
    const name = secretHash.toString('base64');
    if (this.unknown.has(name)) return undefined;
    const caller = await this.valid.get(name, () => this.lookUp(secretHash, kind));
    if (!caller) {
      this.valid.delete(name);
      this.unknown.set(name, Promise.resolve(undefined));
    }
    return caller;
  }

  private async lookUp(secretHash: Buffer, kind: KeyKind): Promise<Caller | undefined> {
    const key = await this.keys.validByHash(secretHash);
    if (!key) return undefined;
    if ((await this.programs.modeOf(key.programId)) !== kind) return undefined;
    return { programId: key.programId, scopes: new Set(key.scopes), actor: `key:${key.keyId}` };
  }
}
