import type { Figures } from '../benchmark.js';

const CPU = 'cpu_us_';
const PROCESSES = ['gateway', 'campaigns', 'points_ledger', 'broker', 'postgres', 'load_generator'];

/** The figures for people: rates, latency, and where the time goes. */
export function tableOf(figures: Figures): string[] {
  const total = Number(figures['cpu_us_per_purchase']);
  const known = new Set([...PROCESSES, 'per_purchase'].map((name) => CPU + name));
  const parts = Object.keys(figures).filter((name) => name.startsWith(CPU) && !known.has(name));
  const cpuRow = (name: string): string => {
    const us = Number(figures[name] ?? 0);
    const label = name.slice(CPU.length).replaceAll('_', ' ');
    return row(
      label,
      us,
      'µs',
      `${((us * 100) / total).toFixed(0).padStart(2)} %, ${figures[`half_load_${name}`]} µs at half load`,
    );
  };
  return [
    'Purchases a second, from the HTTP batch to posted points',
    row('posted', figures['purchases_per_s'], '/s', `in ${figures['window_seconds']} s`),
    row('naive handlers', figures['naive_purchases_per_s'], '/s', `ratio ${figures['ratio_naive']}`),
    row('intake', figures['intake_per_s'], '/s'),
    row('campaigns', figures['campaigns_per_s'], '/s', `${figures['campaigns_events_per_chunk']} a chunk`),
    row('relay', figures['relay_per_s'], '/s'),
    row('points-ledger', figures['ledger_per_s'], '/s', `${figures['ledger_events_per_chunk']} a chunk`),
    '',
    `From 202 to the visible balance at ${figures['half_load_purchases_per_s']} purchases/s`,
    row('p50', figures['visible_p50_ms'], 'ms'),
    row('p99', figures['visible_p99_ms'], 'ms', `max ${figures['visible_max_ms']} ms`),
    row(
      'mean wait for campaigns',
      figures['half_load_campaigns_mean_ms'],
      'ms',
      `${figures['half_load_campaigns_events_per_chunk']} a chunk`,
    ),
    row('mean wait for its relay', figures['half_load_relay_mean_ms'], 'ms'),
    row(
      'mean wait for points-ledger',
      figures['half_load_ledger_mean_ms'],
      'ms',
      `${figures['half_load_ledger_events_per_chunk']} a chunk`,
    ),
    row('CPU for each purchase', figures['half_load_cpu_us_per_purchase'], 'µs'),
    '',
    'Where the time goes: CPU for each purchase',
    ...PROCESSES.map((name) => cpuRow(CPU + name)),
    row(
      'total',
      total,
      'µs',
      `${figures['cpu_cores_used']} cores, ${figures['cpu_cores_used_by_others']} used by others`,
    ),
    ...parts.map((name) => cpuRow(name)),
    '',
    `${figures['postgres_version']}, ${figures['postgres_build']} build; fsync ${figures['postgres_fsync']}, ` +
      `synchronous_commit ${figures['postgres_synchronous_commit']}, ` +
      `full_page_writes ${figures['postgres_full_page_writes']}, shared_buffers ${figures['postgres_shared_buffers']}`,
  ];
}

function row(
  label: string,
  value: number | string | boolean | null | undefined,
  unit: string,
  note = '',
): string {
  return `  ${label.padEnd(40)}${String(value ?? '-').padStart(10)} ${unit.padEnd(4)} ${note}`.trimEnd();
}
