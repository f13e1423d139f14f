import { formatInstant, instant } from '@kizuna/kernel';
import type { ListedApiKey } from '../storage/api-keys.repository.js';

/** A key as it is shown; the key itself is shown once, when it is made. */
export interface ApiKeyBody {
  readonly key_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly state: ListedApiKey['state'];
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
}

type Shown = Omit<ListedApiKey, 'position' | 'programId'>;

export function apiKeyBody({ createdAt, expiresAt, revokedAt, ...key }: Shown): ApiKeyBody {
  return {
    key_id: key.keyId,
    name: key.name,
    scopes: key.scopes,
    state: key.state,
    created_at: formatInstant(instant(createdAt)),
    created_by: key.createdBy,
    expires_at: expiresAt && formatInstant(instant(expiresAt)),
    revoked_at: revokedAt && formatInstant(instant(revokedAt)),
    revoked_by: key.revokedBy,
  };
}
