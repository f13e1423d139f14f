import { seeded } from '../bench/load/seeded.js';
import { ROOMS } from '../local/rooms.js';
import type { LocalRun } from '../local/start-local.js';
import type { StartArguments } from './arguments.js';

/** Runs something with random kills of services meanwhile, where they are asked for. */
export async function withKills<Result>(
  run: LocalRun,
  { killEverySeconds, seed }: Pick<StartArguments, 'killEverySeconds' | 'seed'>,
  report: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  if (killEverySeconds === undefined) return work();
  const endKills = killAtRandom(run, { everySeconds: killEverySeconds, seed }, report);
  const result = await work();
  report(`${endKills()} kills, ${run.restarts()} restarts`);
  await run.ready();
  return result;
}

/** Kills a random service about every so many seconds, without warning. @returns what ends it, with the count */
function killAtRandom(
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
