import type { Fault } from './fault.js';

/** A fault for every line whose id an earlier line has. */
export function repeatedLineIds(lines: readonly { readonly line_id: string }[]): Fault[] {
  const first = new Map<string, number>();
  return lines.flatMap(({ line_id }, index) => {
    const earlier = first.get(line_id);
    if (earlier === undefined) {
      first.set(line_id, index);
      return [];
    }
    return [{ pointer: `/lines/${index}/line_id`, detail: `is also the id of line ${earlier}` }];
  });
}
