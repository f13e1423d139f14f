/** The COMMIT was sent and its answer never came: the transaction happened or it did not. The asker must find out. */
export class CommitOutcomeUnknown extends Error {
  override readonly name = 'CommitOutcomeUnknown';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Serialization failure, deadlock, lock not available: the same transaction may succeed when run again. */
export function isRetryable(error: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(codeOf(error));
}

const CONNECTION_CODES =
  /^(08...|57P0[1-5]|53...|58...|25P03|57014|ECONN.*|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const CONNECTION_TEXTS =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/i;

/** Is this the database being away, overloaded or slow, and not a fault of what was asked? */
export function isDatabaseInfrastructure(error: unknown): boolean {
  return isRetryable(error) || isDatabaseAway(error);
}

/** The connection is gone, or nobody answers on it: there is no use in asking for anything more now. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknown || CONNECTION_CODES.test(codeOf(error))) return true;
  return error instanceof Error && CONNECTION_TEXTS.test(error.message);
}

/** The name of the violated constraint, when that is what happened. */
export function violatedConstraint(error: unknown): string | undefined {
  if (codeOf(error) !== '23505' && codeOf(error) !== '23514') return undefined;
  return (error as { constraint?: string }).constraint;
}
