import type { Instant } from '@kizuna/kernel';
import { lapseAfter, type Inactivity } from './inactivity.js';
import type { Lot, Wallet } from './wallet.js';

/** A lot whose date has moved, and the date that it had: the date is a part of its key. */
export interface Redated {
  readonly lot: Lot;
  readonly from: Instant;
}

/**
 * In a wallet with such a policy, open lots lapse so long after the last activity, or after their own release if that comes
 * later. A date only ever moves later: to follow the same activity twice, or an older one after it, changes nothing. A lot
 * that never lapses goes on so.
 *
 * @returns the lots whose date moves
 */
export function followActivity(
  { lastActivityAt }: Wallet,
  lots: Iterable<Lot>,
  inactivity: Inactivity | undefined,
): Lot[] {
  if (!inactivity || lastActivityAt === undefined) return [];
  const date = lapseAfter(lastActivityAt, inactivity);
  const moved: Lot[] = [];
  for (const lot of lots) {
    const { expiresAt: own, releaseAt = lastActivityAt, remaining } = lot;
    if (remaining === 0 || own === undefined) continue;
    const lapses = releaseAt > lastActivityAt ? lapseAfter(releaseAt, inactivity) : date;
    if (lapses !== undefined && lapses > own) moved.push({ ...lot, expiresAt: lapses });
  }
  return moved;
}

/** Which lots that were known before have another date now. */
export function redatedLots(before: Iterable<Lot>, now: Iterable<Lot>): Redated[] {
  const dates = new Map([...before].map(({ lotId, expiresAt: date }) => [lotId, date]));
  return [...now].flatMap((lot) => {
    const from = dates.get(lot.lotId);
    return from === undefined || from === lot.expiresAt ? [] : [{ lot, from }];
  });
}
