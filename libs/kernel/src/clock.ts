import type { Instant } from './instant.js';

/** Business time of a program. Leases, timeouts and tokens do not use it: they run on the database's clock. */
export interface Clock {
  now(programId: string): Instant;
}

export const systemClock: Clock = { now: () => Date.now() as Instant };
