const MAX_DEPTH = 32;
const MAX_KEYS = 1_000;

/**
 * Why a document is like none of ours; undefined when it may be one. Schemas would refuse such a thing too, only after
 * reading all of it, and what is passed on to another room would be written again by recursion.
 */
export function faultOfShape(document: unknown): string | undefined {
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return `the document is nested deeper than ${MAX_DEPTH} levels`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
      if (!Array.isArray(value) && children.length > MAX_KEYS)
        return `an object has more than ${MAX_KEYS} properties`;
      for (const child of children) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return undefined;
}
