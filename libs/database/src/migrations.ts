import { DataSource, type MigrationInterface } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

export interface MigrateOptions {
  /** Connection URL of the owner role. */
  readonly url: string;
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
}

/**
 * Runs what is pending, each migration in its own transaction. Two migrators at once are serialised by a lock, so a
 * rolling deployment may start several.
 *
 * @returns the names of the migrations that ran
 */
export async function migrate({ url, schema, migrations }: MigrateOptions): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migration',
    poolSize: 2,
    installExtensions: false,
    extra: { options: `-c search_path=${schema} -c lock_timeout=10s` },
  });
  await dataSource.initialize();
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query(`SET lock_timeout = '120s'`);
    await guard.query(`SELECT pg_advisory_lock(hashtext($1))`, [`kizuna migrations ${schema}`]);
    await guard.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map(({ name }) => name);
  } finally {
    await guard.release();
    await dataSource.destroy();
  }
}
