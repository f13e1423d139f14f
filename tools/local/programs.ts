import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './rooms.js';
import { writePrivate } from './secrets.js';

/** What the operator says of a new program; the gateway gives the rest its defaults. */
export interface NewProgram {
  readonly program_id: string;
  readonly name: string;
  readonly mode: 'live' | 'test';
  readonly time_zone: string;
  readonly currency: string;
  readonly wallets?: readonly (Readonly<Record<string, unknown>> & { readonly wallet: string })[];
  readonly return_window_days?: number | null;
  readonly late_window_days?: number;
  readonly starts_at?: string;
  /** Of a test program only. */
  readonly clock_at?: string;
  readonly key?: { readonly name: string; readonly scopes?: readonly string[] };
}

export interface CreatedProgram {
  readonly program_id: string;
  readonly revision: number;
  readonly created: boolean;
  readonly api_key: string;
  readonly key_id: string;
}

/** What went wrong, as the operator's command says it; `exitCode` 2 = the input. */
export class ProgramRefused extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Runs the gateway's own command: only it knows its tables. */
export async function createProgram(
  root: string,
  databaseUrl: string,
  program: NewProgram,
): Promise<CreatedProgram> {
  const file = join(root, 'apps', 'gateway', 'dist', 'operator', 'create-program.js');
  const environment = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl };
  const { code, stdout, stderr } = await runProgram(file, environment, JSON.stringify(program));
  if (code !== 0) throw new ProgramRefused(stderr.trim() || `create-program ended with ${code}`, code ?? 1);
  return JSON.parse(stdout) as CreatedProgram;
}

/** A program of this machine with its key, kept so that every start uses the same ones. */
export interface KeptProgram {
  readonly program: NewProgram;
  readonly apiKey: string;
  /** What an orders file's times were shifted by. */
  readonly shiftMs?: number;
}

export function keptProgramPath(directory: string, programId: string): string {
  return join(directory, 'programs', `${programId}.json`);
}

export function readKeptProgram(directory: string, programId: string): KeptProgram | undefined {
  const path = keptProgramPath(directory, programId);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KeptProgram) : undefined;
}

export function keepProgram(directory: string, kept: KeptProgram): void {
  mkdirSync(join(directory, 'programs'), { recursive: true, mode: 0o700 });
  writePrivate(keptProgramPath(directory, kept.program.program_id), `${JSON.stringify(kept, null, 2)}\n`);
}
