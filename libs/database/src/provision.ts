import pg from 'pg';

export interface ProvisionOptions {
  /** URL of a role that may create databases and roles; its own database does not matter. */
  readonly adminUrl: string;
  readonly database: string;
  /** Name of the room; its roles are `<room>_owner` and `<room>_runtime`. */
  readonly room: string;
  readonly ownerPassword: string;
  readonly runtimePassword: string;
}

export interface RoomUrls {
  readonly ownerUrl: string;
  readonly runtimeUrl: string;
}

export function schemaOf(room: string): string {
  return room.replaceAll('-', '_');
}

export function runtimeRoleOf(room: string): string {
  return `${schemaOf(room)}_runtime`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function urlFor(adminUrl: string, user: string, password: string, database: string): string {
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * Makes a room's two roles and its database where they are missing, and sets the passwords. The owner migrates; the
 * runtime role gets what the migrations grant, and nothing else. May be run again at any time.
 */
export async function provision(options: ProvisionOptions): Promise<RoomUrls> {
  const { adminUrl, database, room } = options;
  const owner = `${schemaOf(room)}_owner`;
  const runtime = runtimeRoleOf(room);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    // Two provisioners would race on CREATE ROLE, which knows no IF NOT EXISTS.
    await admin.query('SELECT pg_advisory_lock(hashtext($1))', ['kizuna provision']);
    for (const [role, password] of [
      [owner, options.ownerPassword],
      [runtime, options.runtimePassword],
    ] as const) {
      const known = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (known.rowCount === 0) await admin.query(`CREATE ROLE ${quoted(role)}`);
      await admin.query(
        `ALTER ROLE ${quoted(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${literal(password)}`,
      );
    }
    const known = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (known.rowCount === 0) await admin.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)}`);
    await admin.query(`REVOKE ALL ON DATABASE ${quoted(database)} FROM PUBLIC`);
    await admin.query(`GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(runtime)}`);
  } finally {
    await admin.end();
  }
  return {
    ownerUrl: urlFor(adminUrl, owner, options.ownerPassword, database),
    runtimeUrl: urlFor(adminUrl, runtime, options.runtimePassword, database),
  };
}
