import { parseArgs } from 'node:util';

export interface DrillArguments {
  readonly help: boolean;
  readonly seed: number;
  readonly minutes: number;
  readonly eventsPerSecond: number;
  readonly directory: string | undefined;
  readonly root: string | undefined;
  readonly json: boolean;
}

export const USAGE = `npm run drill -- [options]

Runs two instances of every service on a PostgreSQL and a Kafka of its own, sends purchases, refunds, engagements and
redemptions through the front doors, kills, freezes and cuts off what they run on, lets everything heal, and checks that nothing was lost or doubled.

  --seed N          what is sent and which faults strike follow from it (1)
  --minutes M       how long, fractions allowed (1)
  --rate N          events a second (150)
  --directory DIR   where data, logs and the history lie; emptied first if an earlier drill made it (.data/drill)
  --build DIR       run the services of this copy of the build
  --json            print one JSON object on standard output, everything else on standard error
  --help            this text
`;

/** The command line cannot be understood; one sentence. */
export class UsageError extends Error {}

export function readArguments(argv: readonly string[]): DrillArguments {
  const { values } = parse(argv);
  return {
    help: values.help,
    seed: wholeNumber('--seed', values.seed) ?? 1,
    minutes: number('--minutes', values.minutes) ?? 1,
    eventsPerSecond: number('--rate', values.rate) ?? 150,
    directory: values.directory,
    root: values.build,
    json: values.json,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        rate: { type: 'string' },
        directory: { type: 'string' },
        build: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A seed becomes part of the program's id. */
function wholeNumber(name: string, text: string | undefined): number | undefined {
  const value = number(name, text);
  if (value !== undefined && !Number.isSafeInteger(value))
    throw new UsageError(`${name} wants a whole number, not "${text}".`);
  return value;
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`${name} wants a number above 0, not "${text}".`);
  return value;
}
