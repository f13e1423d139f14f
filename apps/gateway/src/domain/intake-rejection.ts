import type { Instant } from '@kizuna/kernel';
import type { Fault } from './fault.js';

/** Every reason for which an event is not taken in. */
export type IntakeRejection =
  | Readonly<{ code: 'invalid_request'; faults: readonly Fault[] }>
  | Readonly<{ code: 'unknown_type'; faults: readonly Fault[] }>
  | Readonly<{ code: 'occurred_in_future'; latest: Instant }>
  | Readonly<{ code: 'occurred_before_start'; startsAt: Instant }>
  | Readonly<{ code: 'event_too_large'; maxBytes: number }>;
