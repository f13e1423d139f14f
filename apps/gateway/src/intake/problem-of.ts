import { Problem } from '@kizuna/service';
import type { IntakeRejection } from '../domain/intake-rejection.js';

const ANSWERS = {
  invalid_request: { status: 400, detail: 'the request is not valid' },
  unknown_type: { status: 400, detail: 'events of this type are not taken in' },
  occurred_in_future: { status: 400, detail: 'the event lies in the future' },
  occurred_before_start: { status: 400, detail: 'the event lies before the start of the program' },
  event_too_large: { status: 413, detail: 'the event is too large' },
} as const satisfies Record<IntakeRejection['code'], { status: number; detail: string }>;

export function problemOf({ code, faults }: IntakeRejection): Problem {
  const { status, detail } = ANSWERS[code];
  return new Problem(status, code, { detail, errors: faults });
}
