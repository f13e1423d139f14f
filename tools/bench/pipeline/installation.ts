import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '@kizuna/database';
import { clearGround, ownServersOnly } from '../../local/ground.js';
import { createProgram } from '../../local/programs.js';
import type { RoomName } from '../../local/rooms.js';
import type { LocalRun } from '../../local/start-local.js';
import { startStack, type Stack } from '../../stack/index.js';
import { ProgramClient } from '../../start/program-client.js';

export const PROGRAM_ID = 'bench';
const DAY_MS = 86_400_000;

/** Servers of our own with nothing in them. What else runs on this machine is left alone, and not measured either. */
export async function freshStack(directory: string, report: (line: string) => void): Promise<Stack> {
  await clearGround(directory, 'bench', report);
  return startStack({ directory, environment: ownServersOnly(process.env), report });
}

/** A live program in yen with one base rule: a point for 100 yen. @returns its key */
export async function openProgram(run: LocalRun): Promise<string> {
  const startsAt = new Date(Date.now() - DAY_MS).toISOString();
  const { api_key: apiKey } = await createProgram(run.root, run.gatewayDatabaseUrl, {
    program_id: PROGRAM_ID,
    name: 'Benchmark',
    mode: 'live',
    time_zone: 'Asia/Tokyo',
    currency: 'JPY',
    starts_at: startsAt,
    key: { name: 'benchmark' },
  });
  const client = new ProgramClient(run.urls.gateway, apiKey);
  const rule = {
    code: 'BASE',
    label: '1 point for 100 yen',
    trigger: 'purchase',
    wallet: 'points',
    priority: 0,
    line_filter: {},
    reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    valid_from: startsAt,
  };
  // The program's settings are on their way to campaigns: until then it says 503.
  for (;;) {
    const { status, body } = await client.request('POST', '/v1/rules', rule);
    if (status === 201) return apiKey;
    if (status !== 503) throw new Error(`POST /v1/rules answers ${status}: ${JSON.stringify(body)}`);
    await sleep(200);
  }
}

/** A look into a room's database, past its service: for counting only. */
export async function lookInto({ postgres }: Stack, room: RoomName): Promise<Database> {
  const schema = room.replaceAll('-', '_');
  const url = new URL(postgres.adminUrl);
  url.pathname = `/kizuna_${schema}`;
  return Database.connect({ url: url.href, schema, applicationName: 'kizuna-bench', poolSize: 2 });
}

/** What a reader must know about the database to compare figures. */
export async function databaseFacts(database: Database, stack: Stack): Promise<Record<string, string>> {
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_compression', 'shared_buffers'];
  const more = ['max_wal_size', 'jit', 'autovacuum'];
  const columns = [...names, ...more].map((name) => `current_setting('${name}') AS "postgres_${name}"`);
  const [row] = await database.query<Record<string, string>>(
    `SELECT split_part(version(), ',', 1) AS postgres_version, ${columns.join(', ')}`,
  );
  return { postgres_build: stack.postgres.from === 'local' ? 'embedded' : 'own', ...row };
}
