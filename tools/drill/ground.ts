import { setTimeout as sleep } from 'node:timers/promises';
import { createProgram } from '../local/programs.js';
import type { LocalRun } from '../local/start-local.js';
import type { SentRequest } from '../reconcile/calculation.js';
import { ProgramClient } from '../start/program-client.js';

const HOUR_MS = 3_600_000;

export interface DrillProgram {
  readonly programId: string;
  readonly apiKey: string;
  /** The rule that decides, as it was sent. */
  readonly rule: SentRequest;
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
    starts_at: startsAt,
    key: { name: 'drill' },
  });
  const body = {
    code: 'BASE',
    label: '1 point per ¥100',
    trigger: 'purchase',
    wallet: 'points',
    priority: 0,
    line_filter: {},
    reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    valid_from: startsAt,
  };
  const client = new ProgramClient(local.urls.gateway, apiKey);
  for (;;) {
    const { status, body: answer } = await client.request('POST', '/v1/rules', body);
    if (status === 201) return { programId, apiKey, rule: { path: '/v1/rules', body, status, answer } };
    // A program that was just created is not known behind the front door at once.
    if (status !== 404) throw new Error(`POST /v1/rules answers ${status}: ${JSON.stringify(answer)}`);
    await sleep(200);
  }
}
