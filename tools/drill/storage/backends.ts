import type { Databases } from './databases.js';

/** Sessions of the services; never those of the checks. */
export async function serviceBackends(databases: Databases): Promise<number[]> {
  const rows = await databases.query<{ pid: number }>(
    'server',
    `SELECT pid FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND datname LIKE 'kizuna\\_%' AND usename LIKE '%\\_runtime'
     ORDER BY pid`,
  );
  return rows.map(({ pid }) => pid);
}

export async function endBackends(databases: Databases, pids: readonly number[]): Promise<void> {
  await databases.query('server', 'SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [pids]);
}
