import pg from 'pg';

/** The named settings of the server behind a URL; throws when it does not answer. */
export async function serverSettings<Name extends string>(
  url: string,
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, string>>> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a connection lost between two queries is told by the next one
  try {
    await client.connect();
    const columns = names.map((name) => `current_setting('${name}') as "${name}"`).join(', ');
    const { rows } = await client.query<Record<Name, string>>(`select ${columns}`);
    const row = rows[0];
    if (row === undefined) throw new Error('A select without a table answers one row.');
    return row;
  } finally {
    await client.end();
  }
}
