import { createHash } from 'node:crypto';
import { migrate, provision, schemaOf, type MigrationClass, type RoomUrls } from '@kizuna/database';
import { messagingSchema } from '@kizuna/messaging';
import pg from 'pg';
import { realParts, uniqueName } from './real-parts.js';

/** Roles belong to the server: all that share one must agree on their passwords. */
export const TEST_PASSWORDS = { ownerPassword: 'owner-of-a-test', runtimePassword: 'runtime-of-a-test' };

async function asAdmin<Result>(work: (admin: pg.Client) => Promise<Result>): Promise<Result> {
  const admin = new pg.Client({ connectionString: realParts().adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** A migrated database of its own, copied from a template that is migrated once per run. */
export async function createDatabase(room: string, migrations: readonly MigrationClass[]): Promise<RoomUrls> {
  const { adminUrl } = realParts();
  const source = migrations.map(String).join('\n') + messagingSchema('schema', 'role');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
  const template = `template_${schemaOf(room)}_${hash}`;
  const database = uniqueName(schemaOf(room)).replaceAll('-', '_');
  await asAdmin(async (admin) => {
    // Workers share the template: the first one makes it, the others wait.
    await admin.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    const known = await admin.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [template]);
    if (!known.rows[0]?.datistemplate) {
      const { ownerUrl } = await provision({ adminUrl, database: template, room, ...TEST_PASSWORDS });
      await migrate({ url: ownerUrl, schema: schemaOf(room), migrations });
      await admin.query(`ALTER DATABASE "${template}" IS_TEMPLATE true`);
    }
    await admin.query(`CREATE DATABASE "${database}" TEMPLATE "${template}" OWNER "${schemaOf(room)}_owner"`);
  });
  return provision({ adminUrl, database, room, ...TEST_PASSWORDS });
}

export async function dropDatabase({ runtimeUrl }: RoomUrls): Promise<void> {
  const database = new URL(runtimeUrl).pathname.slice(1);
  await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`));
}
