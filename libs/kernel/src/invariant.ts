/** A broken invariant is our own bug: it is thrown, never answered. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

export function invariant(condition: unknown, law: string): asserts condition {
  if (!condition) throw new BrokenInvariant(law);
}
