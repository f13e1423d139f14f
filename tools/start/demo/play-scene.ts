import { createProgram, type NewProgram } from '../../local/programs.js';
import type { LocalRun } from '../../local/start-local.js';
import { calculate, type ProgramFacts } from '../../reconcile/calculation.js';
import { compare, type Comparison } from '../../reconcile/compare.js';
import { ensureRule } from '../orders-program.js';
import { ProgramClient } from '../program-client.js';
import { publicReads } from '../public-reads.js';
import { settle } from '../settle.js';
import { Journal } from './journal.js';
import { rulesFrom, SHOP } from './komorebi.js';
import { SCENE, STARTS_AT, type SceneStep } from './scene.js';

export interface SceneOutcome {
  readonly programId: string;
  readonly rows: readonly SceneRow[];
  /** Where the program differs from the scene, a sentence each. */
  readonly surprises: readonly string[];
  readonly comparison: Comparison;
  /** An award and a non-award, in words. */
  readonly explained: readonly string[];
}

export interface SceneRow {
  readonly at: string;
  readonly told: string;
  readonly shown: string;
}

interface Words {
  readonly en: string;
  readonly ja: string;
}

interface Status {
  readonly awards: readonly {
    readonly rule: string;
    readonly amount: number;
    readonly clawback_total: number;
    readonly explanation: { readonly text: Words } | null;
  }[];
  readonly no_awards: readonly { readonly rule?: string; readonly text: Words }[];
}

const quiet = (): void => undefined;

/** Plays a year of a new test program on its own clock, compares every step with what it must bring, reconciles. */
export async function playScene(run: LocalRun, onRow: (row: SceneRow) => void): Promise<SceneOutcome> {
  const program: NewProgram = {
    ...SHOP,
    program_id: `komorebi-${Date.now().toString(36)}`,
    name: 'Komorebi Tea こもれび茶舗',
    mode: 'test',
    starts_at: STARTS_AT,
    clock_at: STARTS_AT,
    key: { name: 'npm start' },
  };
  const { api_key } = await createProgram(run.root, run.gatewayDatabaseUrl, program);
  const journal = new Journal(new ProgramClient(run.urls.gateway, api_key));
  for (const rule of rulesFrom(STARTS_AT)) journal.sent.push(await ensureRule(journal.client, rule));
  const settings = await journal.read<ProgramFacts>('/v1/program');

  const rows: SceneRow[] = [];
  const surprises: string[] = [];
  for (const step of SCENE) {
    await journal.mustPost('/v1/program/clock', { advance_to: step.at }, [200]);
    await send(journal, step);
    await settle(run, quiet);
    const { shown, surprises: found } = await look(journal, step);
    const row = { at: step.at, told: step.told, shown };
    rows.push(row);
    onRow(row);
    surprises.push(...found.map((sentence) => `${step.told}: ${sentence}`));
  }
  const calculation = calculate(settings, journal.sent);
  const comparison = await compare(calculation, publicReads(journal.client));
  return {
    programId: program.program_id,
    rows,
    surprises,
    comparison,
    explained: [
      ...(await explain(
        journal,
        'k-5',
        'TEA-WEEKEND',
        'Why were there points? Saturday 10 April, order k-5',
      )),
      ...(await explain(journal, 'k-1', 'TEA-WEEKEND', 'Why were there none? Friday 2 April, order k-1')),
    ],
  };
}

async function send(journal: Journal, { act }: SceneStep): Promise<void> {
  if (act.kind === 'purchase')
    for (let time = 0; time < act.times; time += 1) await journal.mustPost('/v1/purchases', act.body, [202]);
  if (act.kind === 'refund') await journal.mustPost(`/v1/purchases/${act.orderId}/refunds`, act.body, [202]);
  if (act.kind === 'engagements')
    for (const body of act.bodies) await journal.mustPost('/v1/engagements', body, [202]);
  if (act.kind === 'redeem')
    await journal.mustPost('/v1/redemptions', act.body, [201], act.body.redemption_id);
}

async function look(
  journal: Journal,
  step: SceneStep,
): Promise<{ readonly shown: string; readonly surprises: readonly string[] }> {
  if (step.balances) return lookAtBalances(journal, step.balances);
  const seen = await unitsOf(journal, step);
  const wanted = JSON.stringify(sorted(step.awards ?? {}));
  const found = JSON.stringify(sorted(seen));
  const sign = step.act.kind === 'refund' ? '−' : '';
  const parts = Object.entries(seen).map(([rule, units]) => `${rule} ${sign}${units}`);
  return {
    shown: parts.length > 0 ? parts.join(' + ') : '0',
    surprises: wanted === found ? [] : [`${found} and not ${wanted}`],
  };
}

async function unitsOf(journal: Journal, { act }: SceneStep): Promise<Record<string, number>> {
  if (act.kind === 'purchase' || act.kind === 'refund') {
    const { awards } = await journal.read<Status>(`/v1/purchases/${act.orderId}`);
    const units = awards.map(({ rule, amount, clawback_total }): [string, number] => [
      rule,
      act.kind === 'refund' ? clawback_total : amount,
    ]);
    return Object.fromEntries(units.filter(([, count]) => count > 0));
  }
  const units: Record<string, number> = {};
  if (act.kind === 'engagements')
    for (const { id } of act.bodies) {
      const { awards } = await journal.read<Status>(`/v1/engagements/${id}`);
      for (const { rule, amount } of awards) units[rule] = (units[rule] ?? 0) + amount;
    }
  return units;
}

async function lookAtBalances(
  journal: Journal,
  balances: Readonly<Record<string, number>>,
): Promise<{ readonly shown: string; readonly surprises: readonly string[] }> {
  const found: string[] = [];
  const surprises: string[] = [];
  for (const [member, wanted] of Object.entries(balances)) {
    const { pending, available } = await journal.read<{ pending: number; available: number }>(
      `/v1/members/${member}/wallets/points`,
    );
    found.push(`${member} ${available}`);
    if (available !== wanted || pending !== 0)
      surprises.push(`${member} has ${available} and ${pending} pending, and not ${wanted}`);
  }
  return { shown: found.join(', '), surprises };
}

async function explain(journal: Journal, orderId: string, rule: string, question: string): Promise<string[]> {
  const { awards, no_awards } = await journal.read<Status>(`/v1/purchases/${orderId}`);
  const text =
    awards.find((award) => award.rule === rule)?.explanation?.text ??
    no_awards.find((none) => none.rule === rule)?.text;
  return [question, ...(text ? [`  ${text.en}`, `  ${text.ja}`] : [`  no word about ${rule}`])];
}

const sorted = (units: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(units).sort(([a], [b]) => (a < b ? -1 : 1));
