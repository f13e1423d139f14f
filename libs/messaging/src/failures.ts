import { isDatabaseInfrastructure } from '@kizuna/database';

/**
 * Something that this event needs is not there yet, and may come: it is tried again like any infrastructure, but not for
 * ever. `subject` names what is missing; when it has been missing for `patienceMs`, its events are parked.
 */
export class NotThereYet extends Error {
  override readonly name: string = 'NotThereYet';
  constructor(
    readonly subject: string,
    readonly patienceMs: number,
    message: string,
  ) {
    super(message);
  }
}

/** Two transactions met, and this one has to start again. */
export class TryAgain extends Error {
  override readonly name: string = 'TryAgain';
}

/** Nothing here can be handled until somebody changes the installation: going on would drain the topic. */
export class SystemicFailure extends Error {
  override readonly name: string = 'SystemicFailure';
}

export type FailureClass = 'infrastructure' | 'event' | 'systemic';

// Class 42 (a table, column or privilege is missing, a statement is wrong): no event can help it. Likewise logins and
// unknown databases.
const SYSTEMIC_CODES = /^(42...|28...|3D000)$/;

interface Absence {
  readonly since: number;
  readonly lastSeen: number;
  /** Nobody waits for it any more: what needs it is parked at once. */
  readonly isGivenUp: boolean;
}

/** What has not been asked for so long begins a new absence when it is missing again. */
const FORGOTTEN_AFTER_MS = 600_000;

/** What was found missing, and since when; `nowMs` is of a clock that nobody sets. */
export class Missing {
  private readonly absences = new Map<string, Absence>();
  private readonly awaitedBy = new Map<string, string>();

  /** Does it pay to wait on? */
  maySoonBeThere({ subject, patienceMs }: NotThereYet, nowMs: number): boolean {
    const known = this.absences.get(subject);
    const isGoingOn = known !== undefined && nowMs - known.lastSeen < FORGOTTEN_AFTER_MS;
    const since = isGoingOn ? known.since : nowMs;
    const isGivenUp = nowMs - since >= patienceMs;
    this.absences.set(subject, { since, lastSeen: nowMs, isGivenUp });
    return !isGivenUp;
  }

  /** A lane waits for it. */
  waits(lane: string, error: unknown): void {
    if (error instanceof NotThereYet) this.awaitedBy.set(lane, error.subject);
  }

  /** The lane got on: what it waited for is there, unless its events were given up. */
  gotOn(lane: string): void {
    const subject = this.awaitedBy.get(lane);
    if (subject === undefined) return;
    this.awaitedBy.delete(lane);
    if (this.absences.get(subject)?.isGivenUp === false) this.absences.delete(subject);
  }
}

/** What to do about an error. */
export function classify(error: unknown, missing: Missing, nowMs: number): FailureClass {
  if (error instanceof SystemicFailure) return 'systemic';
  if (error instanceof TryAgain) return 'infrastructure';
  if (error instanceof NotThereYet) return missing.maySoonBeThere(error, nowMs) ? 'infrastructure' : 'event';
  if (isDatabaseInfrastructure(error) || isMissingPartition(error)) return 'infrastructure';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return SYSTEMIC_CODES.test(code) ? 'systemic' : 'event';
}

/** A row without a partition is the maintenance's fault, not the event's; it has the code of a violated check. */
function isMissingPartition(error: unknown): boolean {
  return error instanceof Error && /no partition of relation/.test(error.message);
}

/** Errors of the client itself (a rebalance under way, an unknown member) are the client's to handle. */
export function isClientError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

const BROKER_AWAY =
  /^(BrokerNotReady|KafkaJS(NumberOfRetriesExceeded|Connection(Closed)?Error|RequestTimeoutError|BrokerNotFound|NoBrokerAvailableError))$/;

/** Is this the broker being away or not up yet, and not a fault of what was asked? */
export function isBrokerAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // What a broker says of itself, and what the client has wrapped.
  const isPassing = error.name === 'KafkaJSProtocolError' && 'retriable' in error && error.retriable === true;
  return isPassing || BROKER_AWAY.test(error.name) || isBrokerAway(error.cause);
}
