import type { RoomName } from '../local/rooms.js';

export interface Lag {
  readonly lanes: readonly {
    readonly topic: string;
    readonly lane: number;
    readonly next_offset: number;
    readonly low: number;
    readonly high: number;
    readonly messages: number;
    readonly seconds: number;
  }[];
  readonly outbox: { readonly events: number; readonly oldest_seconds: number };
  readonly parked: { readonly keys: number; readonly events: number };
}

export interface Positions {
  readonly positions: readonly {
    readonly topic: string;
    readonly lane: number;
    readonly next_offset: number;
    readonly epoch: number;
    readonly owner: string;
  }[];
}

export interface Parked {
  readonly id: number;
  readonly topic: string;
  readonly key: string | null;
  readonly reason: string | null;
  readonly parked_at: string;
}

type Cell = string | number;

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  return `${lines
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

const longest = (lanes: Lag['lanes']): number =>
  Math.round(Math.max(0, ...lanes.map(({ seconds }) => seconds)));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** How far each room is behind. */
export function lagTable(rooms: ReadonlyMap<RoomName, Lag>): string {
  const rows = [...rooms].flatMap(([room, { lanes, outbox, parked }]) => {
    const topics = [...Map.groupBy(lanes, ({ topic }) => topic)];
    return [
      ...topics.map(([topic, of]) => [room, topic, sum(of.map(({ messages }) => messages)), longest(of)]),
      [room, 'outbox', outbox.events, Math.round(outbox.oldest_seconds)],
      [room, 'parked keys', parked.keys, ''],
    ];
  });
  return table(['room', 'what', 'waiting', 'for seconds'], rows);
}

/** What the topics hold, as the rooms that read them see it. */
export function topicsTable(rooms: ReadonlyMap<RoomName, Lag>): string {
  const rows = [...rooms].flatMap(([room, { lanes }]) =>
    lanes.map(({ topic, lane, low, high, next_offset }) => [topic, lane, low, high, room, next_offset]),
  );
  return table(['topic', 'lane', 'low', 'high', 'read by', 'up to'], rows);
}

export function positionsTable(rooms: ReadonlyMap<RoomName, Positions>): string {
  const rows = [...rooms].flatMap(([room, { positions }]) =>
    positions.map(({ topic, lane, next_offset, epoch, owner }) => [
      room,
      topic,
      lane,
      next_offset,
      epoch,
      owner,
    ]),
  );
  return table(['room', 'topic', 'lane', 'next offset', 'epoch', 'owner'], rows);
}

export function parkedTable(rooms: ReadonlyMap<RoomName, { readonly items: readonly Parked[] }>): string {
  const rows = [...rooms].flatMap(([room, { items }]) =>
    items.map(({ id, topic, key, reason, parked_at }) => [
      room,
      id,
      parked_at,
      topic,
      key ?? '-',
      reason ?? 'behind an earlier one',
    ]),
  );
  return rows.length === 0
    ? 'Nothing is parked.\n'
    : table(['room', 'id', 'parked at', 'topic', 'key', 'reason'], rows);
}
