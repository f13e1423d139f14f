import { setTimeout as sleep } from 'node:timers/promises';
import { createProgram } from '../local/programs.js';
import type { LocalRun } from '../local/start-local.js';
import type { SentRequest } from '../reconcile/calculation.js';
import { ProgramClient } from '../start/program-client.js';
import { drillRules } from './rules.js';

const HOUR_MS = 3_600_000;

export interface DrillProgram {
  readonly programId: string;
  readonly apiKey: string;
  /** The rules that decide, as they were sent. */
  readonly rules: readonly SentRequest[];
}

export async function openDrillProgram(local: LocalRun, seed: number): Promise<DrillProgram> {
  const programId = `drill-${seed}`;
  const startsAt = new Date(Date.now() - HOUR_MS).toISOString();
  const { api_key: apiKey } = await createProgram(local.root, local.gatewayDatabaseUrl, {
    program_id: programId,
    name: `Drill ${seed}`,
    mode: 'live',
    time_zone: 'Asia/Tokyo',
    currency: 'JPY',
    wallets: [
      {
        wallet: 'points',
        unit_value: { currency: 'JPY', minor: 1, units: 1 },
        redemption: { minimum: 1, step: 1, max_share_bp: 10_000 },
      },
    ],
    starts_at: startsAt,
    key: { name: 'drill' },
  });
  const client = new ProgramClient(local.urls.gateway, apiKey);
  const rules: SentRequest[] = [];
  for (const rule of drillRules(startsAt)) rules.push(await enterRule(client, rule));
  return { programId, apiKey, rules };
}

async function enterRule(
  client: ProgramClient,
  body: Readonly<Record<string, unknown>>,
): Promise<SentRequest> {
  for (;;) {
    const { status, body: answer } = await client.request('POST', '/v1/rules', body);
    if (status === 201) return { path: '/v1/rules', body, status, answer };
    // A program that was just created is not known behind the front door at once.
    if (status !== 404) throw new Error(`POST /v1/rules answers ${status}: ${JSON.stringify(answer)}`);
    await sleep(200);
  }
}
