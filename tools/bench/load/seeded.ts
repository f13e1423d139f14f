/** A small generator with a seed (mulberry32): numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return scrambled(state);
  };
}

/** The number at one place of a seeded sequence, without walking there. */
export function seededAt(seed: number, index: number): number {
  return scrambled((seed + Math.imul(index + 1, 0x6d2b79f5)) >>> 0);
}

function scrambled(state: number): number {
  let value = Math.imul(state ^ (state >>> 15), state | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
}
