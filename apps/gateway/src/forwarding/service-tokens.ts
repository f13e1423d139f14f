import { Injectable } from '@nestjs/common';
import { signServiceToken, type Caller } from '@kizuna/service';
import { ExpiringMap } from '../caching/expiring-map.js';
import { SigningKeys } from './signing-keys.js';

/** Half of a token's life: what is handed out is valid for thirty seconds more. */
const TTL_MS = 30_000;
const MAX_TOKENS = 10_000;

/** Tokens for forwarded calls. A signature costs more than all else that forwarding does, so one serves many calls. */
@Injectable()
export class ServiceTokens {
  private readonly signed = new ExpiringMap<string>(TTL_MS, MAX_TOKENS);

  constructor(private readonly keys: SigningKeys) {}

  for(caller: Caller, audience: string): Promise<string> {
    // The scopes are part of the name: a key that loses one must not go on with an older token.
    const name = [caller.programId, caller.actor, audience, ...caller.scopes].join(' ');
    return this.signed.get(name, () => signServiceToken(caller, audience, this.keys.current));
  }
}
