import type { DataOf, EventContract, EventEnvelope } from '@kizuna/contracts';
import {
  accept,
  formatInstant,
  guestKey,
  memberKey,
  reject,
  type Decision,
  type Instant,
} from '@kizuna/kernel';
import type { KeyedMessage } from '@kizuna/messaging';
import type { IntakeRejection } from '../domain/intake-rejection.js';

/** Kafka takes messages up to 1 MiB; the difference is room for key, headers and framing. */
const MAX_EVENT_BYTES = 900_000;

/** Who hands an event in, and when. */
export interface Intaker {
  readonly programId: string;
  readonly startsAt: Instant;
  /** The present of the program: its test clock, or the system's. */
  readonly now: Instant;
  readonly correlationId: string;
}

export interface IntakeEvent {
  readonly eventId: string;
  readonly statusUrl: string;
  readonly message: KeyedMessage;
}

interface Fact<Contract extends EventContract> {
  readonly contract: Contract;
  readonly eventId: string;
  readonly occurredAt: Instant;
  readonly body: Omit<DataOf<Contract>, 'program_id'>;
  readonly about: Subject;
}

/** Whom or what an event is about: its lane, its subject, and where what becomes of it can be read. */
interface Subject {
  readonly key: string;
  readonly subject: string;
  readonly statusUrl: string;
}

/** A guest has no member: their order stands in. */
export function aboutOrder(
  programId: string,
  {
    order_id: orderId,
    member_id: memberId,
  }: { readonly order_id: string; readonly member_id: string | null },
): Subject {
  return {
    key: memberId === null ? guestKey(programId, orderId) : memberKey(programId, memberId),
    subject: memberId ?? `order:${orderId}`,
    statusUrl: `/v1/purchases/${encodeURIComponent(orderId)}`,
  };
}

/**
 * The event of a checked body. Its id derives from business ids, so a repetition is the same event; its data is the body
 * as it came, only `occurred_at` is rewritten to UTC: filling in defaults would make a conflict of a repetition when a
 * default changes.
 */
export function intakeEvent<Contract extends EventContract>(
  { contract, eventId, occurredAt, body, about }: Fact<Contract>,
  { programId, now, correlationId }: Intaker,
): Decision<IntakeEvent, IntakeRejection> {
  const time = formatInstant(occurredAt);
  const envelope: EventEnvelope = {
    specversion: '1.0',
    id: eventId,
    source: `/programs/${programId}/api`,
    type: contract.type,
    time,
    subject: about.subject,
    datacontenttype: 'application/json',
    program: programId,
    receivedat: formatInstant(now),
    correlationid: correlationId,
    data: { program_id: programId, ...body, occurred_at: time },
  };
  const value = JSON.stringify(envelope);
  if (Buffer.byteLength(value) > MAX_EVENT_BYTES)
    return reject({
      code: 'event_too_large',
      faults: [{ pointer: '', detail: `makes an event of more than ${MAX_EVENT_BYTES} bytes` }],
    });
  return accept({
    eventId,
    statusUrl: about.statusUrl,
    message: { topic: contract.topic, key: about.key, value },
  });
}
