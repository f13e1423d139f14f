import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seconds, type OwnedFolder, type StackContext } from '../context.js';
import { completeFolder } from '../unfinished-folder.js';
import type { PostgresBinaries } from './binaries.js';
import type { Unprivileged } from './unprivileged.js';

export interface Cluster {
  readonly data: string;
  readonly password: string;
}

const run = promisify(execFile);

/** Opens the data folder, and creates it when there is none; a killed run leaves no half one. */
export async function openCluster(
  context: StackContext,
  folder: OwnedFolder,
  binaries: PostgresBinaries,
  asOrdinaryUser: Unprivileged,
): Promise<Cluster> {
  const data = join(folder.path, 'postgres');
  const passwordFile = join(folder.path, 'postgres.password');
  if (existsSync(data)) {
    refuseOtherMajor(data, binaries.version);
    return { data, password: readFileSync(passwordFile, 'utf8').trim() };
  }

  context.report(`PostgreSQL ${binaries.version}: creating the data folder`);
  const startedMs = Date.now();
  const password = randomBytes(24).toString('hex');
  // Before the data folder: data whose password is lost could not be opened any more.
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flush: true });
  await completeFolder(data, (unfinished) =>
    initialise(context, unfinished, passwordFile, binaries, asOrdinaryUser),
  );
  context.report(`PostgreSQL ${binaries.version}: data folder created in ${seconds(startedMs)}`);
  return { data, password };
}

async function initialise(
  context: StackContext,
  data: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  asOrdinaryUser: Unprivileged,
): Promise<void> {
  const initdb = asOrdinaryUser({
    file: binaries.initdb,
    arguments: [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own collation: the same order of text on every machine, whatever its C library.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ],
    environment: context.environment,
  });
  await run(initdb.file, [...initdb.arguments], { env: initdb.environment }).catch((error: unknown) => {
    throw new Error(`PostgreSQL could not create ${data}: ${outputOf(error)}`);
  });
}

function refuseOtherMajor(data: string, version: string): void {
  const written = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const major = version.split('.')[0];
  if (written === major) return;
  throw new Error(
    `${data} was written by PostgreSQL ${written} and this is ${major}: move or delete that folder, or set KIZUNA_POSTGRES_URL.`,
  );
}

function outputOf(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message?: string };
  return (stderr?.trim() || message) ?? String(error);
}
