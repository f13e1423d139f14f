import { completeSettings } from '@kizuna/contracts';
import type { Database } from '@kizuna/database';
import { accept, reject, type Decision } from '@kizuna/kernel';
import { issueApiKey } from '../credentials/issue-api-key.js';
import { differingSettings } from '../domain/differing-settings.js';
import { createProgram, databaseNow, ensureOutboxOf } from '../storage/create-program.js';
import { insertApiKey } from '../storage/insert-api-key.js';
import { startingAt, type NewProgram } from './new-program.js';

const ACTOR = 'operator';

/** What the command prints. */
export interface OpenedProgram {
  readonly program_id: string;
  readonly revision: number;
  readonly created: boolean;
  /** Shown once: only its hash is stored. */
  readonly api_key: string;
  readonly key_id: string;
}

export type OtherSettings = Readonly<{ code: 'other_settings'; sentence: string }>;

/**
 * Creates the program when it is not there and issues a key, in one transaction. A program that is there must have the
 * settings that are asked for; a start that is not named is not compared, because its default is the time of asking.
 */
export async function openProgram(
  database: Database,
  program: NewProgram,
): Promise<Decision<OpenedProgram, OtherSettings>> {
  return database.transaction(async (tx) => {
    const now = await databaseNow(tx);
    await ensureOutboxOf(tx, now);
    const { created, settings } = await createProgram(tx, {
      settings: startingAt(program, now),
      actor: ACTOR,
      now,
    });
    const { program_id: programId, revision } = settings;
    const differences = created
      ? []
      : differingSettings(completeSettings(settings), {
          ...program.settings,
          revision: undefined,
          // It has moved on since.
          clock_at: undefined,
        });
    if (differences.length > 0)
      return reject({
        code: 'other_settings',
        sentence: `program ${programId} exists with other settings: ${differences.join('; ')}`,
      });

    const { keyId, apiKey, secretHash } = issueApiKey(settings.mode);
    await insertApiKey(tx, { keyId, programId, secretHash, createdBy: ACTOR, ...program.key });
    return accept({ program_id: programId, revision, created, api_key: apiKey, key_id: keyId });
  });
}
