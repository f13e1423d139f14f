import {
  DAY,
  endOfDay,
  expiresAt,
  localDay,
  startOfDay,
  type ExpiryPolicy,
  type Instant,
} from '@kizuna/kernel';

/** What the settings say of a wallet whose units lapse by inactivity, with what its days are counted by. */
export interface Inactivity {
  readonly policy: ExpiryPolicy;
  readonly timeZone: string;
  readonly minLifeDays: number;
}

interface Span {
  readonly start: Instant;
  readonly end: Instant;
  readonly lapsesAt: Instant | undefined;
}

const MAX_KNOWN = 4_000;
const known = new Map<string, readonly Span[]>();

/**
 * When units lapse whose member was last active then. It depends on nothing but the local day, so a day is worked out once:
 * that costs more than posting an award.
 */
export function lapseAfter(since: Instant, inactivity: Inactivity): Instant | undefined {
  const { policy, timeZone, minLifeDays } = inactivity;
  const name = JSON.stringify([Math.floor(since / DAY), timeZone, minLifeDays, policy]);
  const spans = known.get(name) ?? [];
  const found = spans.find(({ start, end }) => start <= since && since < end);
  if (found) return found.lapsesAt;
  const day = localDay(since, timeZone);
  const lapsesAt = expiresAt(policy, since, inactivity);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, [...spans, { start: startOfDay(day, timeZone), end: endOfDay(day, timeZone), lapsesAt }]);
  return lapsesAt;
}
