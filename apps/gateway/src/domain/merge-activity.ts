import { instant } from '@kizuna/kernel';

/** One thing that a room tells about a member; `at` is when it occurred. */
export interface ActivityItem {
  readonly at: string;
  readonly kind: string;
  readonly id: string;
}

/**
 * How far the list of one room has been read. `before`: what the room calls the place where its page begins. `last`: the
 * item of that page that was shown last, by its name. A room's order is its own and is never compared with ours, only by
 * time; so an item that came in between since then moves nothing out of sight.
 */
export interface Position {
  readonly before: string | undefined;
  readonly last: string | undefined;
  readonly isAtEnd: boolean;
}

export const BEGINNING: Position = { before: undefined, last: undefined, isAtEnd: false };

/** A page as a room gives it; `next` is the `before` of the one behind it. */
export interface ActivityPage<Item extends ActivityItem> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/** An item, and where its room's list stands once it is shown. */
export interface Placed<Item extends ActivityItem> {
  readonly item: Item;
  readonly after: Position;
}

/** Items of a page that were not shown yet, each with the position behind it. */
export function unshown<Item extends ActivityItem>(
  { items, next }: ActivityPage<Item>,
  { before, last }: Position,
): Placed<Item>[] {
  const from = last === undefined ? 0 : placeBehind(items, last);
  return items.slice(from).map((item, index) => ({
    item,
    after: from + index + 1 < items.length ? { before, last: nameOf(item), isAtEnd: false } : endOfPage(next),
  }));
}

/** Where a list stands when all of a page is shown. */
export function endOfPage(next: string | undefined): Position {
  return { before: next, last: undefined, isAtEnd: next === undefined };
}

/** The item behind the one that was shown last; when that one is gone, the first one that is older. */
function placeBehind(items: readonly ActivityItem[], last: string): number {
  const shown = items.findIndex((item) => nameOf(item) === last);
  if (shown !== -1) return shown + 1;
  const shownAt = instant(last.slice(0, last.indexOf(' ')));
  const older = items.findIndex(({ at }) => instant(at) < shownAt);
  return older === -1 ? items.length : older;
}

function nameOf({ at, kind, id }: ActivityItem): string {
  return `${at} ${kind} ${id}`;
}

export interface Merged<Item extends ActivityItem> {
  readonly items: readonly Item[];
  /** Of each list, in the order of the lists. */
  readonly positions: readonly Position[];
}

/** The newest `limit` items of several lists, each newest first; of the same time, those of an earlier list go first. */
export function mergeActivity<Item extends ActivityItem>(
  lists: readonly { readonly start: Position; readonly placed: readonly Placed<Item>[] }[],
  limit: number,
): Merged<Item> {
  const taken = lists.map(() => 0);
  const items: Item[] = [];
  while (items.length < limit) {
    const heads = lists.flatMap(({ placed }, list) => {
      const head = placed[taken[list] ?? 0];
      return head ? [{ list, item: head.item }] : [];
    });
    const [first, ...others] = heads;
    if (!first) break;
    const newest = others.reduce(
      (best, head) => (instant(head.item.at) > instant(best.item.at) ? head : best),
      first,
    );
    items.push(newest.item);
    taken[newest.list] = (taken[newest.list] ?? 0) + 1;
  }
  return {
    items,
    positions: lists.map(({ start, placed }, list) => placed[(taken[list] ?? 0) - 1]?.after ?? start),
  };
}
