import type { Lot } from './wallet.js';

const compare = <Value>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

/** In which order lots are spent: priority, what lapses first, what is older, id. The key of the table says the same. */
export function byBurnOrder(a: Lot, b: Lot): number {
  return (
    a.priority - b.priority ||
    compare(a.expiresAt ?? Infinity, b.expiresAt ?? Infinity) ||
    a.occurredAt - b.occurredAt ||
    compare(a.lotId, b.lotId)
  );
}

export function availableLots(lots: Iterable<Lot>): Lot[] {
  return [...lots].filter(({ isPending, remaining }) => !isPending && remaining > 0).sort(byBurnOrder);
}
