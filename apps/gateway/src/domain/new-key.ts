import { accept, reject, type Decision, type Instant } from '@kizuna/kernel';

export interface NewKey {
  readonly scopes: readonly string[];
  readonly expiresAt: Instant | undefined;
}

export type NewKeyRejection =
  Readonly<{ code: 'scopes_not_held'; scopes: readonly string[] }> | Readonly<{ code: 'expires_in_past' }>;

/** Nobody gives what they do not hold: a key may do what the asking one may do, or less. */
export function decideNewKey(
  key: NewKey,
  { held, now }: { readonly held: ReadonlySet<string>; readonly now: Instant },
): Decision<NewKey, NewKeyRejection> {
  const scopes = key.scopes.filter((scope) => !held.has(scope));
  if (scopes.length > 0) return reject({ code: 'scopes_not_held', scopes });
  if (key.expiresAt !== undefined && key.expiresAt <= now) return reject({ code: 'expires_in_past' });
  return accept(key);
}
