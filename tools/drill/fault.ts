/** What may strike, and how often relative to each other. */
export const FAULT_WEIGHTS = {
  service_killed: 30,
  service_stopped: 20,
  service_frozen: 20,
  broker_killed: 8,
  broker_frozen: 10,
  backends_ended: 12,
} as const;

export type FaultKind = keyof typeof FAULT_WEIGHTS;
export const FAULT_KINDS = Object.keys(FAULT_WEIGHTS) as readonly FaultKind[];

/** One fault that struck. */
export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
  readonly target: string;
  readonly startedAt: number;
  /** When its cause was over; nothing is expected of a frozen broker before. */
  healedAt?: number;
  /** From its start until purchases of every lane that were sent after it had their points. */
  recoveredAt?: number;
}

/**
 * How long everything was whole before a fault was recovered from: since the last healing of all faults that had struck by
 * then. Undefined when it never was.
 */
export function wholeBeforeRecoveryMs(fault: Fault, all: readonly Fault[]): number | undefined {
  const { recoveredAt } = fault;
  if (recoveredAt === undefined) return undefined;
  const struck = all.filter(({ startedAt }) => startedAt <= recoveredAt);
  return Math.max(0, recoveredAt - Math.max(...struck.map(({ healedAt = recoveredAt }) => healedAt)));
}
