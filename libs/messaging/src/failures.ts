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

/** What to do about an error; `missingSince` remembers what was found missing, and when first. */
export function classify(error: unknown, missingSince: Map<string, number>, nowMs: number): FailureClass {
  if (error instanceof SystemicFailure) return 'systemic';
  if (error instanceof TryAgain) return 'infrastructure';
  if (error instanceof NotThereYet) {
    const since = missingSince.get(error.subject) ?? nowMs;
    missingSince.set(error.subject, since);
    return nowMs - since < error.patienceMs ? 'infrastructure' : 'event';
  }
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
