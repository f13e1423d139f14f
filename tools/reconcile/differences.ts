/** Sentences about what differs, and reading a few at a time. */

export function different(what: string, expected: unknown, found: unknown): string[] {
  return expected === found
    ? []
    : [`${what} should be ${String(expected ?? 'none')}, found ${String(found ?? 'none')}.`];
}

/** Two spellings of one instant are no difference. */
export const differentInstant = (what: string, expected: string | null, found: string | null): string[] =>
  different(what, expected, found === null ? null : sameInstant(found));

export const sameInstant = (text: string): string => new Date(text).toISOString();

export const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

export async function inParallel<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
