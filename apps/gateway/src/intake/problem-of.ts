import { formatInstant } from '@kizuna/kernel';
import { Problem } from '@kizuna/service';
import type { Fault } from '../domain/fault.js';
import type { IntakeRejection } from '../domain/intake-rejection.js';

const STATUS = {
  invalid_request: 400,
  unknown_type: 400,
  occurred_in_future: 400,
  occurred_before_start: 400,
  event_too_large: 413,
} as const satisfies Record<IntakeRejection['code'], number>;

/** @param at pointer to the rejected event inside of the request's body */
export function problemOf(rejection: IntakeRejection, at = ''): Problem {
  const errors = faultsOf(rejection).map(({ pointer, detail }) => ({ pointer: at + pointer, detail }));
  return new Problem(STATUS[rejection.code], rejection.code, { detail: detailOf(rejection), errors });
}

function detailOf(rejection: IntakeRejection): string {
  switch (rejection.code) {
    case 'invalid_request':
      return 'the request is not valid';
    case 'unknown_type':
      return 'this type of event is not taken in';
    case 'occurred_in_future':
      return `occurred_at is more than 10 minutes ahead: ${formatInstant(rejection.latest)} is the latest now`;
    case 'occurred_before_start':
      return `the program accepts events from ${formatInstant(rejection.startsAt)} on`;
    case 'event_too_large':
      return `an event has at most ${rejection.maxBytes} bytes`;
  }
}

function faultsOf(rejection: IntakeRejection): readonly Fault[] {
  if ('faults' in rejection) return rejection.faults;
  if (rejection.code === 'event_too_large') return [{ pointer: '', detail: 'is too large' }];
  return [{ pointer: '/occurred_at', detail: 'is outside of what is accepted' }];
}
