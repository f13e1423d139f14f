/** Heap in use of a service, in MiB, as its metrics tell it. */
export async function heapOf(internalUrl: string): Promise<number> {
  const response = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  const bytes = /^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  return Math.round(Number(bytes ?? 0) / 1_048_576);
}
