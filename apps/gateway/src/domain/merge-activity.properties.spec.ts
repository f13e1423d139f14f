import fc from 'fast-check';
import { formatInstant, type Instant } from '@kizuna/kernel';
import {
  BEGINNING,
  endOfPage,
  mergeActivity,
  unshown,
  type ActivityItem,
  type ActivityPage,
  type Placed,
  type Position,
} from './merge-activity.js';

type Item = ActivityItem & { readonly source: string };

/** A room with an order of its own among items of the same time, as a collation may have it. */
class Room {
  constructor(
    private readonly items: Item[],
    private readonly isReversed: boolean,
  ) {}

  add(item: Item): void {
    this.items.push(item);
  }

  sorted(): Item[] {
    const sign = this.isReversed ? -1 : 1;
    return [...this.items].sort(
      (a, b) => b.at.localeCompare(a.at) || sign * this.name(a).localeCompare(this.name(b)),
    );
  }

  /** Keyset: the page behind the item that `before` names, whatever has come in since. */
  page(before: string | undefined, limit: number): ActivityPage<Item> {
    const sorted = this.sorted();
    const from = before === undefined ? 0 : sorted.findIndex((item) => this.name(item) === before) + 1;
    const items = sorted.slice(from, from + limit);
    const last = items.at(-1);
    return { items, next: last && from + limit < sorted.length ? this.name(last) : undefined };
  }

  private name({ at, kind, id }: Item): string {
    return `${at}/${kind}/${id}`;
  }
}

function read(room: Room, position: Position, limit: number): { start: Position; placed: Placed<Item>[] } {
  const placed: Placed<Item>[] = [];
  let start = position;
  for (let at = position; !at.isAtEnd && placed.length < limit;) {
    const page = room.page(at.before, limit);
    placed.push(...unshown(page, at));
    at = endOfPage(page.next);
    if (placed.length === 0) start = at;
  }
  return { start, placed };
}

function pagesOf(rooms: readonly Room[], limit: number, between: (page: number) => void): Item[][] {
  const pages: Item[][] = [];
  let positions: readonly Position[] = rooms.map(() => BEGINNING);
  while (positions.some(({ isAtEnd }) => !isAtEnd)) {
    const lists = rooms.map((room, index) => read(room, positions[index] ?? BEGINNING, limit));
    const merged = mergeActivity(lists, limit);
    pages.push([...merged.items]);
    positions = merged.positions;
    between(pages.length);
  }
  return pages;
}

const nameOf = ({ source, at, kind, id }: Item): string => `${source} ${at} ${kind} ${id}`;

/** Few times and few ids, so that both often fall together. */
const anItem = (source: string): fc.Arbitrary<Item> =>
  fc.record({
    at: fc.integer({ min: 0, max: 6 }).map((ms) => formatInstant((1_800_000_000_000 + ms) as Instant)),
    kind: fc.constantFrom('purchase', 'award'),
    id: fc.constantFrom('a', 'B', 'b', 'A', '1', 'a/1', 'é'),
    source: fc.constant(source),
  });
const someItems = (source: string): fc.Arbitrary<Item[]> =>
  fc.uniqueArray(anItem(source), { maxLength: 25, selector: nameOf });

describe('activity of several rooms in pages', () => {
  it('is all of it, each item once, by time, however large the pages are', () => {
    fc.assert(
      fc.property(
        someItems('campaigns'),
        someItems('ledger'),
        fc.integer({ min: 1, max: 9 }),
        (ours, theirs, limit) => {
          const rooms = [new Room(ours, false), new Room(theirs, true)];
          const pages = pagesOf(rooms, limit, () => undefined);
          const shown = pages.flat();
          expect(shown.map(nameOf).sort()).toEqual([...ours, ...theirs].map(nameOf).sort());
          const times = shown.map(({ at }) => at);
          expect(times).toEqual([...times].sort().reverse());
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
        },
      ),
    );
  });

  it('loses and repeats nothing that was there, whatever comes in meanwhile', () => {
    fc.assert(
      fc.property(
        someItems('campaigns'),
        someItems('ledger'),
        someItems('campaigns'),
        fc.integer({ min: 1, max: 5 }),
        (ours, theirs, newcomers, limit) => {
          const known = new Set(ours.map(nameOf));
          const later = newcomers.filter((item) => !known.has(nameOf(item)));
          const rooms = [new Room([...ours], false), new Room(theirs, true)];
          const pages = pagesOf(rooms, limit, () => {
            const newcomer = later.pop();
            if (newcomer) rooms[0]?.add(newcomer);
          });
          const shown = pages.flat().map(nameOf);
          expect(new Set(shown).size).toBe(shown.length);
          expect(shown).toEqual(expect.arrayContaining([...ours, ...theirs].map(nameOf)));
        },
      ),
    );
  });
});
