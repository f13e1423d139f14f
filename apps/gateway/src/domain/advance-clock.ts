import { accept, formatInstant, instant, reject, type Decision, type Instant } from '@kizuna/kernel';

export interface ClockSettings {
  readonly mode: 'live' | 'test';
  readonly revision: number;
  readonly clock_at?: string | null;
}

export type ClockRejection =
  | Readonly<{ code: 'not_a_test_program' }>
  | Readonly<{ code: 'clock_moves_forward'; present: Instant }>
  | Readonly<{ code: 'clock_too_far'; latest: Instant }>;

/** Leaves room behind it for a century of expiry, before the years of a timestamp grow a fifth digit. */
export const LATEST_CLOCK: Instant = instant('9000-01-01T00:00:00Z');

/**
 * The settings of a test program whose clock stands at `to`. It only moves forward, from the present that the program has
 * had until now; moved to where it stands, it changes nothing.
 */
export function advanceClock<Current extends ClockSettings>(
  current: Current,
  { to, present }: { readonly to: Instant; readonly present: Instant },
): Decision<Current, ClockRejection> {
  if (current.mode !== 'test') return reject({ code: 'not_a_test_program' });
  if (typeof current.clock_at === 'string' && to === present) return accept(current);
  if (to < present) return reject({ code: 'clock_moves_forward', present });
  if (to > LATEST_CLOCK) return reject({ code: 'clock_too_far', latest: LATEST_CLOCK });
  return accept({ ...current, clock_at: formatInstant(to), revision: current.revision + 1 });
}
