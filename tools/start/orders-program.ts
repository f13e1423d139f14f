import { setTimeout as sleep } from 'node:timers/promises';
import { createProgram, keepProgram, readKeptProgram, type KeptProgram } from '../local/programs.js';
import type { LocalRun } from '../local/start-local.js';
import { readOrdersFile, type OrdersFile } from '../orders/orders-file.js';
import type { SentRequest } from '../reconcile/calculation.js';
import { ProgramClient } from './program-client.js';

const DAY_MS = 86_400_000;

export interface OpenedProgram {
  readonly kept: KeptProgram;
  readonly client: ProgramClient;
  readonly orders: OrdersFile;
  /** The rules that decide, as they were sent. */
  readonly rules: readonly SentRequest[];
}

/**
 * The program of an orders file: one per file content. Key and time shift are kept, so that a second import sends the
 * very same events.
 */
export async function openProgram(run: LocalRun, directory: string, file: string): Promise<OpenedProgram> {
  const { hash } = readOrdersFile(file);
  const programId = `orders-${hash.slice(0, 8)}`;
  const known = readKeptProgram(directory, programId);
  const orders = readOrdersFile(
    file,
    known?.shiftMs === undefined ? { shiftTo: new Date() } : { shiftMs: known.shiftMs },
  );
  const kept = known ?? (await newProgram(run, directory, programId, orders));
  const client = new ProgramClient(run.urls.gateway, kept.apiKey);
  const rules = [await ensureRule(client, baseRule(kept))];
  return { kept, client, orders, rules };
}

async function newProgram(
  run: LocalRun,
  directory: string,
  programId: string,
  { firstAt, shiftMs }: OrdersFile,
): Promise<KeptProgram> {
  const program = {
    program_id: programId,
    name: `Orders file ${programId.slice('orders-'.length)}`,
    mode: 'live',
    time_zone: 'Europe/London',
    currency: 'GBP',
    wallets: [{ wallet: 'points' }],
    // History is imported on purpose: the window covers the file whenever it is sent again.
    late_window_days: 36_500,
    starts_at: new Date(firstAt.getTime() + shiftMs - DAY_MS).toISOString(),
    key: { name: 'npm start' },
  } as const;
  const { api_key } = await createProgram(run.root, run.gatewayDatabaseUrl, program);
  const kept: KeptProgram = { program, apiKey: api_key, shiftMs };
  keepProgram(directory, kept);
  return kept;
}

function baseRule({ program }: KeptProgram): { readonly code: string } & Record<string, unknown> {
  return {
    code: 'BASE',
    label: '1 point per £1',
    trigger: 'purchase',
    wallet: 'points',
    priority: 0,
    line_filter: {},
    reward: { kind: 'base_rate', rates: [{ currency: 'GBP', units: 1, per_minor: 100 }] },
    valid_from: program.starts_at,
  };
}

/** Enters the rule unless the program has it. A program that was just created is waited for. */
export async function ensureRule(
  client: ProgramClient,
  rule: { readonly code: string } & Record<string, unknown>,
): Promise<SentRequest> {
  const sent = { path: '/v1/rules', body: rule, status: 201 };
  for (;;) {
    const known = await client.request('GET', `/v1/rules/${rule.code}`);
    if (known.status === 200) return { ...sent, answer: known.body };
    if (known.status !== 404) throw new Error(`GET /v1/rules/${rule.code} answers ${known.status}`);
    const { status, body } = await client.request('POST', '/v1/rules', rule);
    if (status === 201) return { ...sent, answer: body };
    if (status !== 503) throw new Error(`POST /v1/rules answers ${status}: ${JSON.stringify(body)}`);
    await sleep(200);
  }
}
