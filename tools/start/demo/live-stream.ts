import { createProgram, keepProgram, readKeptProgram, type KeptProgram } from '../../local/programs.js';
import type { LocalRun } from '../../local/start-local.js';
import {
  calculate,
  type Calculation,
  type ProgramFacts,
  type SentRequest,
} from '../../reconcile/calculation.js';
import { compare, type Comparison } from '../../reconcile/compare.js';
import { ensureRule } from '../orders-program.js';
import { ProgramClient } from '../program-client.js';
import { publicReads } from '../public-reads.js';
import { settle } from '../settle.js';
import { streamEvents } from '../stream-events.js';
import { rulesFrom, SHOP } from './komorebi.js';
import { demoStream } from './stream.js';

const PROGRAM = 'komorebi-live';
const DAY_MS = 86_400_000;
/** Late events of the stream lie so far back and are not history from before the program. */
const HISTORY_DAYS = 90;

export interface LiveProgram {
  readonly kept: KeptProgram;
  readonly client: ProgramClient;
  readonly rules: readonly SentRequest[];
  readonly settings: ProgramFacts;
}

export interface StreamOutcome {
  readonly sent: number;
  /** What the front door refused, as it had to. */
  readonly broken: number;
  /** Broken ones that were taken in, sound ones that were refused: a sentence each. */
  readonly surprises: readonly string[];
  readonly journal: readonly SentRequest[];
}

/** The shop's program on the system clock: created once, its key kept, the stream's times with it. */
export async function openLiveProgram(run: LocalRun, directory: string): Promise<LiveProgram> {
  const kept = readKeptProgram(directory, PROGRAM) ?? (await createLiveProgram(run, directory));
  const client = new ProgramClient(run.urls.gateway, kept.apiKey);
  const rules: SentRequest[] = [];
  for (const rule of rulesFrom(kept.program.starts_at ?? '')) rules.push(await ensureRule(client, rule));
  const { body } = await client.request('GET', '/v1/program');
  return { kept, client, rules, settings: body as ProgramFacts };
}

async function createLiveProgram(run: LocalRun, directory: string): Promise<KeptProgram> {
  const now = Date.now();
  const program = {
    ...SHOP,
    program_id: PROGRAM,
    name: 'Komorebi Tea こもれび茶舗',
    mode: 'live',
    starts_at: new Date(now - HISTORY_DAYS * DAY_MS).toISOString(),
    key: { name: 'npm start' },
  } as const;
  const { api_key } = await createProgram(run.root, run.gatewayDatabaseUrl, program);
  const kept: KeptProgram = { program, apiKey: api_key, shiftMs: now };
  keepProgram(directory, kept);
  return kept;
}

/** Sends the stream; a second time all of it is repetitions. */
export async function sendStream(
  { client, kept }: LiveProgram,
  options: { readonly pace?: number | undefined; onProgress(done: number, total: number): void },
): Promise<StreamOutcome> {
  const events = demoStream(new Date(kept.shiftMs ?? Date.now()));
  const { journal, refused } = await streamEvents(client, events, {
    pace: options.pace,
    onProgress: (done) => options.onProgress(done, events.length),
  });
  const isBroken = new Set(events.filter((event) => event.isBroken).map(({ name }) => name));
  const isRefused = new Set(refused.map(({ name }) => name));
  return {
    sent: events.length,
    broken: isBroken.size,
    surprises: [
      ...refused.filter(({ name }) => !isBroken.has(name)).map(({ sentence }) => sentence),
      ...[...isBroken].filter((name) => !isRefused.has(name)).map((name) => `${name} was taken in`),
    ],
    // What is a repetition by now was judged when it first came.
    journal: journal.map((sent) => ({
      ...sent,
      received_at: new Date(kept.shiftMs ?? Date.now()).toISOString(),
    })),
  };
}

/** Waits for all that was acknowledged and compares it with the independent calculation. */
export async function reconcileLive(
  run: LocalRun,
  { client, rules, settings }: LiveProgram,
  journal: readonly SentRequest[],
  report: (line: string) => void,
): Promise<{ readonly calculation: Calculation; readonly comparison: Comparison }> {
  await settle(run, report);
  const calculation = calculate(settings, [...rules, ...journal], { now: new Date().toISOString() });
  return { calculation, comparison: await compare(calculation, publicReads(client)) };
}
