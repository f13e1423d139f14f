import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchArguments {
  readonly help: boolean;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly halfSeconds: number;
  readonly members: number;
  readonly seed: number;
  /** Purchases that the naive handlers get; 0 = leave them out. */
  readonly naive: number;
  readonly batch: number;
  readonly halfBatch: number;
  readonly inFlight: number;
  readonly maxBehind: number;
  readonly jsonFile: string | undefined;
  readonly profileDirectory: string | undefined;
  readonly directory: string | undefined;
  readonly root: string | undefined;
  /** Another build, measured in turn with this one. */
  readonly against: string | undefined;
  readonly rounds: number;
}

export const USAGE = `npm run bench:pipeline -- [options]

Measures purchases from the HTTP batch to posted points with broker, database, services and load generator on this
machine, and naive handlers (one message, one transaction, ORM saves) on the same stream.

  --json FILE         write the result, one flat JSON object
  --seconds N         how long the steady state is measured (60)
  --warm-up N         seconds before that (10)
  --half-seconds N    how long half of that load lasts while latency is measured (25)
  --members N         members who buy (20000)
  --seed N            seed of the stream (1)
  --naive N           purchases for the naive handlers (20000)
  --skip-naive        leave them out
  --batch N           purchases in a request (500)
  --half-batch N      the same at half load (100)
  --in-flight N       requests at a time (4)
  --max-behind N      no more is sent while so many acknowledged purchases are not posted (12000)
  --profile DIR       afterwards, under the same load: a CPU profile of each service and what the database does
  --directory DIR     where data and logs lie, made anew (.data/bench)
  --build DIR         run the services of this copy of the build
  --help              this text

npm run bench:against -- --against DIR [--rounds N] [options as above]

The same pipeline of this build and of the one in DIR, in turn, each time on new servers: rates, CPU and their ratio.

  --against DIR       a checkout that is built
  --rounds N          so many times each (3)

npm run bench:rules -- [--seconds N] [--json FILE]

Decisions a second of the rules alone: one base rule, and a shop's five.
`;

/** The command line cannot be understood; one sentence. */
export class UsageError extends Error {}

const MAX_MEMBERS = 1_000_000;
const MAX_BATCH = 1_000;

export function readArguments(argv: readonly string[]): BenchArguments {
  const { values } = parse(argv);
  return {
    help: values.help,
    seconds: whole('--seconds', values.seconds, 1, 86_400),
    warmUpSeconds: whole('--warm-up', values['warm-up'], 1, 3_600),
    halfSeconds: whole('--half-seconds', values['half-seconds'], 1, 3_600),
    members: whole('--members', values.members, 1, MAX_MEMBERS),
    seed: whole('--seed', values.seed, 0, 0xffff_ffff),
    naive: values['skip-naive'] ? 0 : whole('--naive', values.naive, 1, 10_000_000),
    batch: whole('--batch', values.batch, 1, MAX_BATCH),
    halfBatch: whole('--half-batch', values['half-batch'], 1, MAX_BATCH),
    inFlight: whole('--in-flight', values['in-flight'], 1, 64),
    maxBehind: whole('--max-behind', values['max-behind'], 1, 10_000_000),
    jsonFile: values.json === undefined ? undefined : resolve(values.json),
    profileDirectory: values.profile === undefined ? undefined : resolve(values.profile),
    directory: values.directory,
    root: values.build,
    against: values.against === undefined ? undefined : resolve(values.against),
    rounds: whole('--rounds', values.rounds, 1, 100),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '60' },
        'warm-up': { type: 'string', default: '10' },
        'half-seconds': { type: 'string', default: '25' },
        members: { type: 'string', default: '20000' },
        seed: { type: 'string', default: '1' },
        naive: { type: 'string', default: '20000' },
        'skip-naive': { type: 'boolean', default: false },
        batch: { type: 'string', default: '500' },
        'half-batch': { type: 'string', default: '100' },
        'in-flight': { type: 'string', default: '4' },
        'max-behind': { type: 'string', default: '12000' },
        json: { type: 'string' },
        profile: { type: 'string' },
        directory: { type: 'string' },
        build: { type: 'string' },
        against: { type: 'string' },
        rounds: { type: 'string', default: '3' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${name} wants a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}
