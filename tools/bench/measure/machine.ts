import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Figures } from '../benchmark.js';
import { rounded } from './percentiles.js';

/** What the figures were measured on. */
export function machineFacts(): Figures {
  return {
    cores: availableParallelism(),
    cpu_model: cpus()[0]?.model.trim() ?? 'unknown',
    memory_gib: rounded(totalmem() / 2 ** 30, 1),
    node_version: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
}

const MS_PER_TICK = 10;

/** Milliseconds that all cores together have worked since boot, for whomever. Undefined where there is no /proc. */
export function machineBusyMs(): number | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
    return (user + nice + system + irq + softirq) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}
