import type { EventContract, EventEnvelope } from '@kizuna/contracts';
import { parseInstant, type Instant } from '@kizuna/kernel';

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

/** What was fetched is not an event that this room can read. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
  constructor(
    readonly offset: number,
    readonly key: string | undefined,
    reason: string,
  ) {
    super(reason);
  }
}

/** The union of received events for a list of contracts, told apart by `type`. */
export type ReceivedOf<Contract> =
  Contract extends EventContract<infer Type, infer Data> ? ReceivedEvent<Type, Data> : never;

type Contracts = ReadonlyMap<string, EventContract>;

/**
 * Decodes one message. Undefined for a type that nobody here asked for: it is skipped.
 *
 * @throws UnreadableEvent
 */
export function decodeEvent(
  contracts: Contracts,
  { offset, key, value }: { offset: number; key: string | undefined; value: Buffer | undefined },
): ReceivedEvent | undefined {
  const refuse = (reason: string): never => {
    throw new UnreadableEvent(offset, key, reason);
  };
  if (key === undefined || value === undefined) return refuse('has no key or no value');
  let envelope: Partial<EventEnvelope>;
  try {
    envelope = JSON.parse(value.toString('utf8')) as Partial<EventEnvelope>;
  } catch {
    return refuse('is not JSON');
  }
  const { id, source, type, program, time, receivedat, correlationid } = envelope;
  if (!id || !source || !type || !program || !time) return refuse('is not a CloudEvent of ours');
  const contract = contracts.get(type);
  if (!contract) return undefined;
  const checked = contract.check(envelope.data);
  if (!checked.valid)
    return refuse(checked.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
  const isOfProgram = key === program || key.startsWith(`${program}:`);
  if (!isOfProgram || (checked.value as { program_id?: string }).program_id !== program)
    return refuse('names another program in its key or data');
  const occurredAt = parseInstant(time);
  const receivedAt = receivedat ? parseInstant(receivedat) : occurredAt;
  if (occurredAt === undefined || receivedAt === undefined) return refuse('has no readable time');
  return {
    type,
    id,
    source,
    programId: program,
    key,
    data: checked.value,
    occurredAt,
    receivedAt,
    correlationId: correlationid,
    offset,
    dataHash: undefined,
    isConflict: false,
  };
}
