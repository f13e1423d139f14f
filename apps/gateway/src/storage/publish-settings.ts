import { programNow, programSettingsChanged, type ProgramSettings } from '@kizuna/contracts';
import type { Transaction } from '@kizuna/database';
import type { Instant } from '@kizuna/kernel';
import { appendToOutbox, outgoing } from '@kizuna/messaging';

export interface SettingsChange {
  readonly settings: ProgramSettings;
  /** Who asked for it. */
  readonly actor: string;
  /** The system's present. */
  readonly now: Instant;
}

/** The line of history and the event of a revision that this transaction writes, as its last statements. */
export async function publishSettings(
  tx: Transaction,
  { settings, actor, now }: SettingsChange,
): Promise<void> {
  const { program_id: programId, revision } = settings;
  await tx.query(
    `INSERT INTO program_settings_history (program_id, revision, settings, actor) VALUES ($1, $2, $3, $4)`,
    [programId, revision, JSON.stringify(settings), actor],
  );
  await appendToOutbox(tx, '/gateway', [
    outgoing({
      contract: programSettingsChanged,
      id: `settings:${programId}:${revision}`,
      key: programId,
      programId,
      subject: programId,
      occurredAt: programNow(settings, now),
      data: settings,
    }),
  ]);
}
