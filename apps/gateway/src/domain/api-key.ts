export type KeyKind = 'live' | 'test';

const API_KEY = /^kz_(live|test)_[A-Za-z0-9_-]{43}$/;

/** The kind of program that a key says it opens; undefined when this is no API key. 43 characters carry 256 bits. */
export function kindOfKey(text: string): KeyKind | undefined {
  return API_KEY.exec(text)?.[1] as KeyKind | undefined;
}

export function formatKey(kind: KeyKind, secret: string): string {
  return `kz_${kind}_${secret}`;
}
