/** Heap in use of a service, in MiB, as its metrics tell it. */
export async function heapOf(internalUrl: string): Promise<number> {
  const response = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  const bytes = /^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  return Math.round(Number(bytes ?? 0) / 1_048_576);
}

/** Averages over the four quarters of the time, in MiB. */
export function quarters(samples: readonly number[]): number[] {
  const size = Math.max(1, Math.floor(samples.length / 4));
  return [0, 1, 2, 3].map((quarter) => {
    const part = samples.slice(quarter * size, (quarter + 1) * size);
    return Math.round(part.reduce((a, b) => a + b, 0) / Math.max(1, part.length));
  });
}

/** Generous: a young process fills its heap before it collects for the first time. Nothing measured is not flat. */
export function isFlat(samples: readonly number[]): boolean {
  const [first = 0, , , last = 0] = quarters(samples);
  return samples.length > 0 && last <= 2 * first + 64;
}
