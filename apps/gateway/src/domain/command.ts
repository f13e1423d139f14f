import { accept, reject, type Decision } from '@kizuna/kernel';

/** Must a command carry an Idempotency-Key, or may it? */
export type KeyRule = 'required' | 'accepted';

/** As long as every room can keep: a key that passes here is refused nowhere behind. */
const KEY = /^[\x21-\x7e]{1,200}$/;

export type KeyRejection = Readonly<{ code: 'idempotency_key_required' | 'invalid_idempotency_key' }>;

/** @returns the key; undefined when there is none and none is needed */
export function readKey(
  header: string | readonly string[] | undefined,
  rule: KeyRule,
): Decision<string | undefined, KeyRejection> {
  if (header === undefined)
    return rule === 'required' ? reject({ code: 'idempotency_key_required' }) : accept(undefined);
  return typeof header === 'string' && KEY.test(header)
    ? accept(header)
    : reject({ code: 'invalid_idempotency_key' });
}

/** What a key stands for: the same again has the same of both. */
export interface Command {
  /** Method and path with query. */
  readonly route: string;
  readonly bodyHash: string;
}

export interface KnownCommand extends Command {
  /** `open`: an attempt ended without a decision. */
  readonly state: 'running' | 'open' | 'answered';
  /** It runs longer than an attempt can: whoever made it is gone. */
  readonly isAbandoned: boolean;
}

export type CommandRejection = Readonly<{ code: 'idempotency_key_reused' | 'command_in_flight' }>;

/** What to do with a command whose key is known already. */
export function decideRepetition(
  known: KnownCommand,
  { route, bodyHash }: Command,
): Decision<'replay' | 'take_over', CommandRejection> {
  if (known.route !== route || known.bodyHash !== bodyHash) return reject({ code: 'idempotency_key_reused' });
  if (known.state === 'answered') return accept('replay');
  if (known.state === 'open' || known.isAbandoned) return accept('take_over');
  return reject({ code: 'command_in_flight' });
}

const MAY_CHANGE: ReadonlySet<number> = new Set([401, 403, 408, 429]);

/** Is an answer the decision about a command, or only what stood in its way? */
export function isDecided(status: number): boolean {
  return status >= 200 && status < 500 && !MAY_CHANGE.has(status);
}
