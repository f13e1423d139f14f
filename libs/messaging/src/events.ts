import type { EventContract, EventEnvelope } from '@kizuna/contracts';
import { parseInstant, type Instant } from '@kizuna/kernel';
import { SystemicFailure } from './failures.js';
import type { FetchedMessage } from './port.js';

/** An event as a consumer sees it: decoded, of a known type, its data valid. */
export interface ReceivedEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly id: string;
  readonly source: string;
  readonly programId: string;
  /** The key of the member, or of the guest's order. */
  readonly key: string;
  readonly data: Data;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly correlationId: string | undefined;
  readonly offset: number;
  /** Hash of the canonical data, known once the inbox has claimed the event. */
  readonly dataHash: string | undefined;
  /** Another event with this id but other content was here before: record it, never apply it. */
  readonly isConflict: boolean;
}

/** The union of received events for a list of contracts, told apart by `type`. */
export type ReceivedOf<Contract> =
  Contract extends EventContract<infer Type, infer Data> ? ReceivedEvent<Type, Data> : never;

/** What one message turned out to be. */
export type Decoded =
  | { readonly kind: 'event'; readonly event: ReceivedEvent }
  /** Of a type that nobody here asked for. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'unreadable'; readonly reason: string };

const unreadable = (reason: string): Decoded => ({ kind: 'unreadable', reason });

/**
 * Decodes one message.
 *
 * @throws SystemicFailure when it is a newer major version of a type that this room handles: guessing would lose data
 */
export function decode(contracts: ReadonlyMap<string, EventContract>, message: FetchedMessage): Decoded {
  const { offset, key, value } = message;
  if (value === undefined) return unreadable('has no value');
  const envelope = parsed(value);
  if (!envelope) return unreadable('is not a JSON object in UTF-8');
  const { id, source, type, program, time, receivedat, correlationid } = envelope;
  if (![id, source, type, program, time].every(isStorable)) return unreadable('is not a CloudEvent of ours');
  const contract = contracts.get(type);
  if (!contract) return newerThanKnown(contracts, type);
  if (key === undefined) return unreadable('has no readable key');
  const checked = contract.check(envelope.data);
  if (!checked.valid)
    return unreadable(checked.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
  const isOfProgram = key === program || key.startsWith(`${program}:`);
  if (!isOfProgram || (checked.value as { program_id?: string }).program_id !== program)
    return unreadable('names another program in its key or data');
  const occurredAt = parseInstant(time);
  const receivedAt = typeof receivedat === 'string' ? parseInstant(receivedat) : occurredAt;
  if (occurredAt === undefined || receivedAt === undefined) return unreadable('has no readable time');
  return {
    kind: 'event',
    event: {
      type,
      id,
      source,
      programId: program,
      key,
      data: checked.value,
      occurredAt,
      receivedAt,
      correlationId: typeof correlationid === 'string' ? correlationid : undefined,
      offset,
      dataHash: undefined,
      isConflict: false,
    },
  };
}

/** PostgreSQL refuses a NUL and gives half a surrogate pair back as something else. */
function isStorable(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && text.isWellFormed() && !text.includes('\0');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parsed(value: Buffer): EventEnvelope | undefined {
  try {
    const envelope: unknown = JSON.parse(utf8.decode(value));
    return typeof envelope === 'object' && envelope !== null ? (envelope as EventEnvelope) : undefined;
  } catch {
    return undefined;
  }
}

const VERSIONED = /^(.+)\.v(\d+)$/;

function newerThanKnown(contracts: ReadonlyMap<string, EventContract>, type: string): Decoded {
  const [, name, version] = VERSIONED.exec(type) ?? [];
  for (const known of contracts.keys()) {
    const [, knownName, knownVersion] = VERSIONED.exec(known) ?? [];
    if (name !== undefined && name === knownName && Number(version) > Number(knownVersion))
      throw new SystemicFailure(`${type} is newer than this service, which knows ${known}: deploy it first`);
  }
  return { kind: 'skipped' };
}

/** The id of a message, as far as it can be read. */
export function idOf({ value }: FetchedMessage): string | undefined {
  const id: unknown = value && parsed(value)?.id;
  return isStorable(id) ? id : undefined;
}
