/** The value below which `share` of the values lie (nearest rank); 0 without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? 0;
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));
