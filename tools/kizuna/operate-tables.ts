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

export interface Books {
  readonly last_run_at: string | null;
  readonly last_pass: { readonly at: string; readonly wallets: number } | null;
  readonly pass: { readonly started_at: string; readonly wallets: number };
  readonly items: readonly {
    readonly program_id: string;
    readonly member_id: string | null;
    readonly wallet: string;
    readonly law: string;
    readonly expected: string;
    readonly found: string;
    readonly found_at: string;
  }[];
  readonly next_cursor: string | null;
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

/** How far the ledger has checked itself, and where its records disagree. */
export function booksText({ last_pass, pass, items, next_cursor }: Books): string {
  const passed = last_pass
    ? `All ${last_pass.wallets} wallets were checked by ${last_pass.at}.`
    : 'No pass over all wallets has ended yet.';
  const now = `The pass since ${pass.started_at} has seen ${pass.wallets}.`;
  const rows = items.map(({ program_id, member_id, wallet, law, expected, found, found_at }) => [
    program_id,
    member_id ?? '(all)',
    wallet,
    law,
    expected,
    found,
    found_at,
  ]);
  const head = ['program', 'member', 'wallet', 'law', 'expected', 'found', 'found at'];
  const more = next_cursor ? `More: --cursor ${next_cursor}\n` : '';
  return `${passed} ${now}\n${items.length === 0 ? 'The books agree.\n' : table(head, rows)}${more}`;
}
