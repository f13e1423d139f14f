import type { PublicJwk, SigningKey } from './signing-key.js';

/** The key that signs now, and all that may verify: the published key set (RFC 7517). */
export class SigningKeys {
  constructor(readonly current: SigningKey) {}

  published(): { readonly keys: readonly PublicJwk[] } {
    return { keys: [this.current.publicJwk] };
  }
}
