import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localRunPath } from '../local/start-local.js';
import { isAlive, type ProcessIdentity } from '../stack/os-process.js';

/** There is no installation to work on; the sentence says what to do. */
export class NothingRuns extends Error {}

/** Runtime URL of the gateway's database: the environment's, else that of the installation that runs here. */
export function gatewayDatabaseUrl(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = environment['GATEWAY_DATABASE_URL'];
  if (given) return given;
  const url = isGatewayAlive(directory) ? read(localRunPath(directory))['gatewayDatabaseUrl'] : undefined;
  if (typeof url === 'string' && url !== '') return url;
  throw new NothingRuns(
    `Nothing runs in ${directory}: run "npm start" in another terminal and leave it running, or name the gateway's database in GATEWAY_DATABASE_URL.`,
  );
}

/** The note about a run stays when the run ends, so the gateway's process itself is asked for. */
function isGatewayAlive(directory: string): boolean {
  const { process } = (read(join(directory, 'services.json'))['gateway'] ?? {}) as {
    readonly process?: Partial<ProcessIdentity>;
  };
  if (typeof process?.pid !== 'number' || typeof process.startedAt !== 'string') return false;
  return isAlive({ pid: process.pid, startedAt: process.startedAt });
}

function read(path: string): Readonly<Record<string, unknown>> {
  if (!existsSync(path)) return {};
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof content === 'object' && content !== null ? { ...content } : {};
}
