import { hash } from 'node:crypto';
import type { Instant } from './instant.js';
import { invariant } from './invariant.js';

export type ProgramId = string & { readonly __brand: 'ProgramId' };
export type MemberId = string & { readonly __brand: 'MemberId' };

/**
 * A member id becomes a key for ever, so anything that looks like contact data is refused: no `@`, no `:`, no leading
 * `+`. `.` and `..` are steps in a path, not names. The same pattern stands in the event schemas.
 */
export const MEMBER_ID_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$';
/** Order, refund and engagement ids of the storefront; no `:` because they are joined into event ids. */
export const BUSINESS_ID_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9._#/-]{1,64}$';
export const PROGRAM_ID_PATTERN = '^[a-z][a-z0-9-]{1,38}[a-z0-9]$';
/** Rule and wallet codes. */
export const CODE_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$';

const programId = new RegExp(PROGRAM_ID_PATTERN);

export function isProgramId(text: string): text is ProgramId {
  return programId.test(text);
}

/** The key of every event of a member, and of the lane in which it is handled. */
export function memberKey(programId: string, memberId: string): string {
  return `${programId}:${memberId}`;
}

/** A guest has no member: their order is the key. */
export function guestKey(programId: string, orderId: string): string {
  return `${programId}:order:${orderId}`;
}

/**
 * A UUIDv8 (RFC 9562) whose first 48 bits are the milliseconds of `at` and whose other bits come from a SHA-256 over
 * `parts`: the same fact yields the same id for ever, and ids of one time lie side by side in an index.
 */
export function deterministicId(at: Instant, ...parts: readonly (string | number)[]): string {
  invariant(at >= 0 && at < 2 ** 48, 'an id carries 48 bits of milliseconds');
  const digest = hash('sha256', parts.map((part) => `${String(part).length}:${part}`).join(''));
  const time = at.toString(16).padStart(12, '0');
  const variant = ((parseInt(digest.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
