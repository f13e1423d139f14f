import { Inject, Injectable } from '@nestjs/common';
import { programNow, type ProgramSettings } from '@kizuna/contracts';
import { Database, type Queryable, type Transaction } from '@kizuna/database';
import type { Clock, Instant } from '@kizuna/kernel';
import { CLOCK } from '@kizuna/service';

interface PresentRow extends Record<string, unknown> {
  program_id: string;
  settings_revision: number;
  clock_at: string | null;
}

/** Where a program stands in time, and which of its settings say so. */
export interface Present {
  readonly programId: string;
  readonly settingsRevision: number;
  /** The test clock; undefined: the system's. */
  readonly clockAt: string | undefined;
  readonly now: Instant;
}

/**
 * This room's copy of the programs' settings. One instance of several hears of a change, so the row is asked every time and
 * nothing is kept in memory.
 */
@Injectable()
export class ProgramsRepository {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Newest revision wins, whatever the order of arrival. */
  async saveSettings(tx: Transaction, settings: readonly ProgramSettings[]): Promise<void> {
    for (const program of settings) {
      await tx.query(
        `INSERT INTO program AS p (program_id, settings_revision, settings) VALUES ($1, $2, $3)
         ON CONFLICT (program_id) DO UPDATE
         SET settings_revision = excluded.settings_revision, settings = excluded.settings
         WHERE p.settings_revision < excluded.settings_revision`,
        [program.program_id, program.revision, JSON.stringify(program)],
      );
    }
  }

  async settings(programId: string, on: Queryable = this.database): Promise<ProgramSettings | undefined> {
    const [row] = await on.query<{ settings: ProgramSettings }>(
      { name: 'program-settings', text: 'SELECT settings FROM program WHERE program_id = $1' },
      [programId],
    );
    return row?.settings;
  }

  now(settings: ProgramSettings): Instant {
    return programNow(settings, this.clock.now(settings.program_id));
  }

  /** The present of these programs, as far as their settings have come. */
  async presents(on: Queryable, programIds: readonly string[]): Promise<Map<string, Instant>> {
    const rows = await on.query<PresentRow>(
      {
        name: 'program-presents',
        text: `SELECT program_id, settings_revision, settings->>'clock_at' AS clock_at FROM program
               WHERE program_id = ANY($1)`,
      },
      [programIds],
    );
    return new Map(rows.map((row) => [row.program_id, this.presentOf(row).now]));
  }

  async present(programId: string): Promise<Present | undefined> {
    const [row] = await this.database.query<PresentRow>(
      `SELECT program_id, settings_revision, settings->>'clock_at' AS clock_at FROM program WHERE program_id = $1`,
      [programId],
    );
    return row && this.presentOf(row);
  }

  async allPresents(): Promise<Present[]> {
    const rows = await this.database.query<PresentRow>(
      `SELECT program_id, settings_revision, settings->>'clock_at' AS clock_at FROM program ORDER BY program_id`,
    );
    return rows.map((row) => this.presentOf(row));
  }

  private presentOf({ program_id, settings_revision, clock_at }: PresentRow): Present {
    return {
      programId: program_id,
      settingsRevision: settings_revision,
      clockAt: clock_at ?? undefined,
      now: programNow({ clock_at }, this.clock.now(program_id)),
    };
  }
}
