import type { ProgramSettings } from '@kizuna/contracts';
import { dayPartition, ensurePartition, type Transaction } from '@kizuna/database';
import { instant, type Instant } from '@kizuna/kernel';
import { publishSettings } from './publish-settings.js';

export interface CreatedProgram {
  readonly created: boolean;
  /** What the program has now: the given settings, or those that it had before. */
  readonly settings: ProgramSettings;
}

/**
 * Program, first line of history and the event, all or none. The insert waits for another one of the same id that is
 * under way, so of two at once one creates and the other finds.
 */
export async function createProgram(
  tx: Transaction,
  {
    settings,
    actor,
    now,
  }: { readonly settings: ProgramSettings; readonly actor: string; readonly now: Instant },
): Promise<CreatedProgram> {
  const { program_id: programId, revision } = settings;
  const inserted = await tx.query(
    `INSERT INTO program (program_id, settings, revision) VALUES ($1, $2, $3)
     ON CONFLICT (program_id) DO NOTHING RETURNING program_id`,
    [programId, JSON.stringify(settings), revision],
  );
  if (inserted.length === 0) {
    const [existing] = await tx.query<{ settings: ProgramSettings }>(
      'SELECT settings FROM program WHERE program_id = $1',
      [programId],
    );
    return { created: false, settings: existing?.settings ?? settings };
  }
  await publishSettings(tx, { settings, actor, now });
  return { created: true, settings };
}

/** Business time of what an operator does is the database's clock. */
export async function databaseNow(tx: Transaction): Promise<Instant> {
  const [row] = await tx.query<{ now: Date }>('SELECT now() AS now');
  return instant(row?.now ?? NaN);
}

/** The command may run before the service ever did, which keeps the partitions ahead of the clock otherwise. */
export async function ensureOutboxOf(tx: Transaction, now: Instant): Promise<void> {
  await ensurePartition(tx, 'outbox', dayPartition(new Date(now)));
}
