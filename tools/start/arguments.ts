import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface StartArguments {
  readonly help: boolean;
  readonly once: boolean;
  /** undefined = the demo */
  readonly ordersFile: string | undefined;
  readonly directory: string | undefined;
  /** Name that keeps topics and databases apart from others on the same servers. */
  readonly installation: string | undefined;
  readonly root: string | undefined;
  readonly killEverySeconds: number | undefined;
  readonly seed: number;
  /** Purchases and refunds a second; undefined = as fast as it goes */
  readonly pace: number | undefined;
}

export const USAGE = `npm start -- [options]

Starts PostgreSQL, Kafka and the services on this machine, plays a year of a tea shop on a test clock and a stream of 2,000
orders on the system clock, all through the public HTTP API, reconciles the points with an independent calculation and keeps
running.

  --orders FILE          stream this file in their place (columns as in tools/orders/sample-orders.csv)
  --once                 end after the report; exit code 0 only if everything is as it must be
  --kill-every SECONDS   kill (SIGKILL) a random service about so often while the stream runs
  --seed N               seed of those kills (1)
  --pace N               send N purchases and refunds a second, not as fast as it goes
  --directory DIR        where data, logs and secrets lie (.data, or .data/installations/NAME)
  --installation NAME    topics and databases under this name, apart from others on the same servers
  --build DIR            run the services of this copy of the build
  --help                 this text
`;

/** npm runs scripts in the package's folder; a file is named from where the caller stands. */
const CALLED_FROM = process.env['INIT_CWD'] ?? process.cwd();

/** The command line cannot be understood; one sentence. */
export class UsageError extends Error {}

export function readArguments(argv: readonly string[]): StartArguments {
  const { values } = parse(argv);
  const ordersFile = values.orders === undefined ? undefined : resolve(CALLED_FROM, values.orders);
  if (ordersFile !== undefined && !existsSync(ordersFile))
    throw new UsageError(`There is no file ${values.orders}.`);
  return {
    help: values.help,
    once: values.once,
    ordersFile,
    directory: values.directory,
    installation: installationName(values.installation),
    root: values.build,
    killEverySeconds: number('--kill-every', values['kill-every']),
    seed: number('--seed', values.seed) ?? 1,
    pace: number('--pace', values.pace),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        orders: { type: 'string' },
        directory: { type: 'string' },
        installation: { type: 'string' },
        build: { type: 'string' },
        'kill-every': { type: 'string' },
        seed: { type: 'string' },
        pace: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** It becomes part of the names of topics and databases. */
function installationName(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[a-z][a-z0-9-]{0,29}$/.test(text))
    throw new UsageError(
      `--installation wants up to 30 small letters, digits and hyphens after a letter, not "${text}".`,
    );
  return text;
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`${name} wants a number above 0, not "${text}".`);
  return value;
}
