import { ROOMS } from '../local/rooms.js';
import type { LocalRun } from '../local/start-local.js';

/** A small generator with a seed (mulberry32): the same seed gives the same kills. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kills a random service about every so many seconds, without warning. @returns what ends it, with the count */
export function killAtRandom(
  run: LocalRun,
  { everySeconds, seed }: { readonly everySeconds: number; readonly seed: number },
  report: (line: string) => void,
): () => number {
  const random = seeded(seed);
  let kills = 0;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(
      () => {
        const room = ROOMS[Math.floor(random() * ROOMS.length)] ?? 'campaigns';
        if (run.kill(room, 'SIGKILL')) {
          kills += 1;
          report(`kill ${kills}: ${room}`);
        }
        next();
      },
      everySeconds * 1_000 * (0.5 + random()),
    );
  };
  next();
  return () => {
    clearTimeout(timer);
    return kills;
  };
}
