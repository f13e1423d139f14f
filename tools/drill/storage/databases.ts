import pg from 'pg';
import { schemaOf } from '@kizuna/database';
import { ROOMS, type RoomName } from '../../local/rooms.js';

/** The rooms' databases, read as the administrator: no right of a room stands in the way of a check. */
export class Databases {
  private readonly pools: Readonly<Record<RoomName, pg.Pool>>;
  private readonly admin: pg.Pool;

  constructor(adminUrl: string) {
    this.admin = pool(adminUrl);
    const entries = ROOMS.map((room) => {
      const url = new URL(adminUrl);
      url.pathname = `/kizuna_${schemaOf(room)}`;
      url.searchParams.set('options', `-c search_path=${schemaOf(room)}`);
      return [room, pool(url.href)] as const;
    });
    this.pools = Object.fromEntries(entries) as Record<RoomName, pg.Pool>;
  }

  async query<Row extends pg.QueryResultRow>(
    room: RoomName | 'server',
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    const { rows } = await (room === 'server' ? this.admin : this.pools[room]).query<Row>(text, values);
    return rows;
  }

  async close(): Promise<void> {
    await Promise.all([this.admin, ...Object.values(this.pools)].map((one) => one.end()));
  }
}

function pool(connectionString: string): pg.Pool {
  const made = new pg.Pool({
    connectionString,
    max: 2,
    connectionTimeoutMillis: 5_000,
    application_name: 'kizuna-drill',
  });
  made.on('error', () => undefined); // a connection lost between two queries is told by the next one
  return made;
}
