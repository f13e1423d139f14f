import type { BenchArguments } from '../arguments.js';
import type { Figures } from '../benchmark.js';
import { percentile, rounded } from '../measure/percentiles.js';
import { cpuPerUnit, isWhole } from '../measure/processes.js';
import type { NaiveResult } from '../naive/run-naive.js';
import type { HalfLoad } from './half-load.js';
import type { StageReading } from './stage-counters.js';
import type { SteadyState } from './steady-state.js';
import type { Acknowledged } from './verify.js';

export interface Measured {
  readonly given: BenchArguments;
  readonly steady: SteadyState;
  readonly half: HalfLoad;
  readonly naive: NaiveResult | undefined;
  readonly acknowledged: Acknowledged;
  readonly facts: Readonly<Record<string, string>>;
  readonly retries: number;
  readonly restarts: number;
  readonly eventBytes: number;
}

type Count =
  'takenIn' | 'decided' | 'relayed' | 'posted' | 'told' | 'chunksDecided' | 'chunksPosted' | 'walBytes';

/** Everything that was measured and under which settings, in one flat object. */
export function figuresOf(measured: Measured): Figures {
  const { given, steady, half, naive, acknowledged, facts, retries, restarts, eventBytes } = measured;
  const full = rates(steady.before, steady.after);
  const rateOf = (count: Count): number => rounded(full.perSecond(count));
  return {
    purchases_per_s: rateOf('posted'),
    ratio_naive: naive ? rounded(full.perSecond('posted') / naive.purchasesPerSecond, 1) : null,
    ...latencyFigures(half),
    intake_per_s: rateOf('takenIn'),
    campaigns_per_s: rateOf('decided'),
    relay_per_s: rateOf('relayed'),
    ledger_per_s: rateOf('posted'),
    ledger_relay_per_s: rateOf('told'),
    slowest_stretch_per_s: Math.min(...steady.stretches),
    fastest_stretch_per_s: Math.max(...steady.stretches),
    campaigns_events_per_chunk: rounded(full.delta('decided') / full.delta('chunksDecided'), 1),
    ledger_events_per_chunk: rounded(full.delta('posted') / full.delta('chunksPosted'), 1),
    wal_bytes_per_purchase: rounded(full.delta('walBytes') / full.delta('posted')),
    ...cpuFigures(steady.before, steady.after, ''),
    naive_purchases_per_s: naive ? rounded(naive.purchasesPerSecond, 1) : null,
    naive_cpu_us_per_purchase: naive ? rounded(naive.cpuUsPerPurchase) : null,
    naive_purchases: given.naive,
    naive_fed: 'straight to the topic',
    window_seconds: rounded(full.seconds, 1),
    warm_up_seconds: given.warmUpSeconds,
    half_load_seconds: given.halfSeconds,
    members: given.members,
    seed: given.seed,
    batch_purchases: given.batch,
    half_load_batch_purchases: given.halfBatch,
    requests_in_flight: given.inFlight,
    max_behind: given.maxBehind,
    event_bytes: eventBytes,
    purchases_total: acknowledged.purchases,
    points_total: acknowledged.points,
    requests_repeated: retries,
    service_restarts: restarts,
    ...facts,
  };
}

interface Rates {
  readonly seconds: number;
  delta(count: Count): number;
  perSecond(count: Count): number;
}

function rates(before: StageReading, after: StageReading): Rates {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const delta = (count: Count): number => after[count] - before[count];
  return { seconds, delta, perSecond: (count) => delta(count) / seconds };
}

function latencyFigures({ visibleMs, answeredMs, waiting, before, after }: HalfLoad): Figures {
  const half = rates(before, after);
  const taken = half.perSecond('takenIn');
  const meanMs = (count: number): number => rounded((count * 1_000) / taken, 1);
  return {
    visible_p50_ms: rounded(percentile(visibleMs, 0.5), 1),
    visible_p99_ms: rounded(percentile(visibleMs, 0.99), 1),
    visible_max_ms: rounded(Math.max(...visibleMs), 1),
    visible_probes: visibleMs.length,
    answered_p50_ms: rounded(percentile(answeredMs, 0.5), 1),
    answered_p99_ms: rounded(percentile(answeredMs, 0.99), 1),
    half_load_purchases_per_s: rounded(taken),
    ...cpuFigures(before, after, 'half_load_'),
    half_load_campaigns_events_per_chunk: rounded(half.delta('decided') / half.delta('chunksDecided'), 1),
    half_load_ledger_events_per_chunk: rounded(half.delta('posted') / half.delta('chunksPosted'), 1),
    half_load_campaigns_mean_ms: meanMs(waiting.campaigns),
    half_load_relay_mean_ms: meanMs(waiting.relay),
    half_load_ledger_mean_ms: meanMs(waiting.ledger),
  };
}

function totalCpu(
  before: StageReading,
  after: StageReading,
): { readonly us: number; readonly each: readonly (readonly [name: string, us: number])[] } {
  const each = [...cpuPerUnit(before.cpu, after.cpu, after.posted - before.posted)];
  const us = each.filter(([name]) => isWhole(name)).reduce((sum, [, part]) => sum + part, 0);
  return { us: rounded(us, 1), each };
}

function cpuFigures(before: StageReading, after: StageReading, prefix: string): Figures {
  const { us, each } = totalCpu(before, after);
  const seconds = (after.atMs - before.atMs) / 1_000;
  const ownMs = (us * (after.posted - before.posted)) / 1_000;
  const machineMs = (after.cpu.machineMs ?? 0) - (before.cpu.machineMs ?? 0);
  return {
    [`${prefix}cpu_us_per_purchase`]: us,
    ...Object.fromEntries(each.map(([name, part]) => [`${prefix}cpu_us_${nameOf(name)}`, rounded(part, 1)])),
    [`${prefix}cpu_cores_used`]: rounded(ownMs / 1_000 / seconds, 2),
    [`${prefix}cpu_cores_used_by_others`]: rounded(Math.max(0, machineMs - ownMs) / 1_000 / seconds, 2),
  };
}

const nameOf = (name: string): string => name.replaceAll(/[^a-z]+/g, '_');
