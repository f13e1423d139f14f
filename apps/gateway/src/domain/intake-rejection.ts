import type { Fault } from './fault.js';

/** Every reason for which an event is not taken in; the faults say where in the document, and why. */
export type IntakeRejection = Readonly<{
  code:
    'invalid_request' | 'unknown_type' | 'occurred_in_future' | 'occurred_before_start' | 'event_too_large';
  faults: readonly Fault[];
}>;

/** The same rejection of a document that lies inside of another, at `pointer`. */
export function rejectionInside(pointer: string, { code, faults }: IntakeRejection): IntakeRejection {
  return {
    code,
    faults: faults.map((fault) => ({ pointer: pointer + fault.pointer, detail: fault.detail })),
  };
}
