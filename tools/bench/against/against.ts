import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Screen } from '../../start/screen.js';
import { UsageError, type BenchArguments } from '../arguments.js';
import type { Outcome } from '../benchmark.js';
import { rounded } from '../measure/percentiles.js';
import { pipeline } from '../pipeline/pipeline.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..', '..');

interface Round {
  readonly purchasesPerS: number;
  readonly cpuUsPerPurchase: number;
}

/** Two builds in turn on new servers each time, so that what else the machine does strikes both alike. */
export async function against(given: BenchArguments, screen: Screen, signal: AbortSignal): Promise<Outcome> {
  const other = given.against;
  if (other === undefined || !existsSync(join(other, 'apps', 'campaigns', 'dist', 'main.js')))
    throw new UsageError('--against wants the folder of a checkout that is built.');
  const roots = { this: resolve(given.root ?? REPOSITORY), other };
  const rounds: { this: Round; other: Round }[] = [];
  const faults: string[] = [];
  const measure = async (root: string): Promise<Round> => {
    const outcome = await pipeline({ ...given, root, naive: 0 }, screen, signal);
    faults.push(...outcome.faults);
    return {
      purchasesPerS: Number(outcome.figures['purchases_per_s']),
      cpuUsPerPurchase: Number(outcome.figures['cpu_us_per_purchase']),
    };
  };
  for (let round = 1; round <= given.rounds; round += 1) {
    screen.step(`round ${round} of ${given.rounds}: the other build, then this one`);
    const second = await measure(roots.other);
    rounds.push({ other: second, this: await measure(roots.this) });
  }
  const ratios = rounds.map((round) => round.this.purchasesPerS / round.other.purchasesPerS);
  const cpuRatios = rounds.map((round) => round.this.cpuUsPerPurchase / round.other.cpuUsPerPurchase);
  const figures = {
    ratio: rounded(median(ratios), 3),
    ratio_least: rounded(Math.min(...ratios), 3),
    ratio_most: rounded(Math.max(...ratios), 3),
    cpu_ratio: rounded(median(cpuRatios), 3),
    purchases_per_s: median(rounds.map((round) => round.this.purchasesPerS)),
    other_purchases_per_s: median(rounds.map((round) => round.other.purchasesPerS)),
    rounds: given.rounds,
    window_seconds: given.seconds,
  };
  return { figures, table: tableOf(rounds), faults };
}

function tableOf(rounds: readonly { readonly this: Round; readonly other: Round }[]): string[] {
  const cell = (text: string | number): string => String(text).padStart(14);
  return [
    `  round${['this/s', 'other/s', 'ratio', 'this us', 'other us'].map(cell).join('')}`,
    ...rounds.map((round, index) => {
      const { purchasesPerS: mine, cpuUsPerPurchase: cpu } = round.this;
      const { purchasesPerS: theirs, cpuUsPerPurchase: theirCpu } = round.other;
      const cells = [mine, theirs, (mine / theirs).toFixed(3), cpu, theirCpu];
      return `  ${String(index + 1).padStart(5)}${cells.map(cell).join('')}`;
    }),
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
