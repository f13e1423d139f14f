import { Injectable } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { Database } from '@kizuna/database';
import type { Decision, Instant } from '@kizuna/kernel';
import { publishSettings } from './publish-settings.js';

export interface SettingsRevision {
  readonly revision: number;
  readonly changedAt: Date;
  readonly actor: string;
  readonly settings: ProgramSettings;
  /** Those before them; undefined of the first revision. */
  readonly before: ProgramSettings | undefined;
}

interface RevisionRow {
  readonly revision: number;
  readonly changed_at: Date;
  readonly actor: string;
  readonly settings: ProgramSettings;
  readonly before: ProgramSettings | null;
}

/** Settings as they are changed: the row is locked, so of two changes at once the second sees the first. */
@Injectable()
export class SettingsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Program, line of history and event, all or none; nothing when the decision leaves the revision as it is.
   *
   * @returns the decision; undefined when there is no such program
   */
  async change<Rejection extends { readonly code: string }>(
    programId: string,
    { actor, now }: { readonly actor: string; readonly now: Instant },
    decide: (current: ProgramSettings) => Decision<ProgramSettings, Rejection>,
  ): Promise<Decision<ProgramSettings, Rejection> | undefined> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ settings: ProgramSettings }>(
        'SELECT settings FROM program WHERE program_id = $1 FOR UPDATE',
        [programId],
      );
      if (!row) return undefined;
      const decision = decide(row.settings);
      if (!decision.accepted || decision.value.revision === row.settings.revision) return decision;
      const settings = decision.value;
      await tx.query(
        'UPDATE program SET settings = $2, revision = $3, updated_at = now() WHERE program_id = $1',
        [programId, JSON.stringify(settings), settings.revision],
      );
      await publishSettings(tx, { settings, actor, now });
      return decision;
    });
  }

  /** Newest first, those below `before` when it is given. */
  async history(programId: string, limit: number, before?: string): Promise<SettingsRevision[]> {
    const rows = await this.database.query<RevisionRow>(
      `SELECT h.revision, h.changed_at, h.actor, h.settings, earlier.settings AS before
       FROM program_settings_history h
       LEFT JOIN program_settings_history earlier
         ON earlier.program_id = h.program_id AND earlier.revision = h.revision - 1
       WHERE h.program_id = $1 AND h.revision < $2
       ORDER BY h.revision DESC LIMIT $3`,
      [programId, before ?? MAX_INTEGER, limit],
    );
    return rows.map(({ changed_at, before: earlier, ...row }) => ({
      ...row,
      changedAt: changed_at,
      before: earlier ?? undefined,
    }));
  }
}

const MAX_INTEGER = 2_147_483_647;
