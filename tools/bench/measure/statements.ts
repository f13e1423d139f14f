import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '@kizuna/database';
import type { Stack } from '../../stack/index.js';

const EVERY_MS = 20;

interface Sample extends Record<string, unknown> {
  readonly database: string;
  readonly statement: string;
  readonly waits: string | null;
}

/** How many sessions are in which statement on average, by what they wait for: 1.00 is one session all the time. */
export async function sampleStatements({ postgres }: Stack, seconds: number): Promise<string[]> {
  const database = await Database.connect({
    url: postgres.adminUrl,
    schema: 'public',
    applicationName: 'kizuna-bench',
    poolSize: 1,
  });
  const seen = new Map<string, number>();
  let samples = 0;
  try {
    for (const until = Date.now() + seconds * 1_000; Date.now() < until; samples += 1) {
      for (const { database: name, statement, waits } of await activeSessions(database)) {
        const line = `${(waits ?? 'works').padEnd(22)} ${name.padEnd(22)} ${statement}`;
        seen.set(line, (seen.get(line) ?? 0) + 1);
      }
      await sleep(EVERY_MS);
    }
  } finally {
    await database.close();
  }
  return [...seen]
    .sort(([, a], [, b]) => b - a)
    .map(([line, count]) => `  ${(count / samples).toFixed(3)}  ${line}`);
}

function activeSessions(database: Database): Promise<Sample[]> {
  return database.query<Sample>({
    name: 'bench-sessions',
    text: `SELECT coalesce(datname, backend_type) AS database,
                  CASE WHEN state = 'idle in transaction' THEN 'idle in transaction, after ' ELSE '' END
                    || left(regexp_replace(coalesce(query, ''), '\\s+', ' ', 'g'), 60) AS statement,
                  nullif(concat_ws(' ', wait_event_type, wait_event), '') AS waits
           FROM pg_stat_activity
           WHERE state IN ('active', 'idle in transaction') AND pid <> pg_backend_pid()`,
  });
}
