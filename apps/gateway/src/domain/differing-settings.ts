/**
 * One sentence part for each setting that is not as wanted, e.g. `currency is EUR, not JPY`. Settings that the wanted
 * document does not name are not compared.
 */
export function differingSettings(
  current: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(wanted)
    .filter((name) => wanted[name] !== undefined && !isEqual(current[name], wanted[name]))
    .map((name) => `${name} is ${shown(current[name])}, not ${shown(wanted[name])}`);
}

/** Equal as JSON; the order of keys does not matter. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isEqual(a[key], b[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set');
}
