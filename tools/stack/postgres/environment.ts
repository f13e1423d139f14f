import type { Part, StackContext } from '../context.js';
import { serverSettings } from './sql.js';

export interface PostgresAddress {
  readonly adminUrl: string;
  readonly version: string;
}

const OLDEST_VERSION_NUMBER = 180_000;

export async function postgresFromEnvironment(
  context: StackContext,
): Promise<Part<PostgresAddress> | undefined> {
  const adminUrl = context.environment['KIZUNA_POSTGRES_URL']?.trim();
  if (!adminUrl) return undefined;
  const settings = await serverSettings(adminUrl, 'server_version', 'server_version_num').catch(
    (error: unknown) => {
      // The URL itself is not repeated: it holds a password.
      throw new Error(`The PostgreSQL server of KIZUNA_POSTGRES_URL does not answer: ${reasonOf(error)}.`);
    },
  );
  const version = settings.server_version.split(' ')[0] ?? settings.server_version;
  if (Number(settings.server_version_num) < OLDEST_VERSION_NUMBER) {
    throw new Error(`PostgreSQL 18 or newer is needed, but the server of KIZUNA_POSTGRES_URL is ${version}.`);
  }
  context.report(`PostgreSQL ${version} comes from KIZUNA_POSTGRES_URL`);
  return { address: { adminUrl, version }, from: 'environment', stop: async () => undefined };
}

/** A refused connection to a name with two addresses has an empty message and says it all in its code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  return message || code || String(error);
}
