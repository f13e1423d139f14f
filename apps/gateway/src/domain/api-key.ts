export type KeyKind = 'live' | 'test';

const API_KEY = /^kz_(live|test)_[A-Za-z0-9_-]{43}$/;

/** The kind of program that a key says it opens; undefined when this is no API key. 43 characters carry 256 bits. */
export function kindOfKey(text: string): KeyKind | undefined {
  return API_KEY.exec(text)?.[1] as KeyKind | undefined;
}

export function formatKey(kind: KeyKind, secret: string): string {
  return `kz_${kind}_${secret}`;
}

/** Without regard to case and encoding: `kz%5Flive%5F…` is one too. */
const KEY_IN_TEXT = /kz(_|%5f)(live|test)(_|%5f)[a-z0-9_%-]{20}/i;

/** Is a key, or most of one, anywhere in an address? */
export function hasKey(address: string): boolean {
  return KEY_IN_TEXT.test(address);
}
