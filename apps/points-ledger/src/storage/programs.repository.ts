import { Inject, Injectable } from '@nestjs/common';
import { completeSettings, expiryPolicyOf, programNow, type ProgramSettings } from '@kizuna/contracts';
import { Database, type Queryable, type Transaction } from '@kizuna/database';
import type { Clock, Instant } from '@kizuna/kernel';
import { CLOCK } from '@kizuna/service';
import type { Inactivity } from '../domain/inactivity.js';
import { programWallet } from '../domain/post-chunk.js';

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

/** Where several programs stand. */
export interface Presents {
  readonly now: ReadonlyMap<string, Instant>;
  /** By `programWallet`. */
  readonly inactivity: ReadonlyMap<string, Inactivity>;
}

/** Of programs `p`, those that have a wallet whose units lapse by inactivity. */
export const WITH_INACTIVITY = `p.settings->'wallets' @> '[{"expiry": {"kind": "inactivity"}}]'`;

/** The wallets of these programs whose units lapse by inactivity; by `programWallet`. */
export function inactivityOf(programs: readonly ProgramSettings[]): Map<string, Inactivity> {
  const terms = new Map<string, Inactivity>();
  for (const settings of programs) {
    const {
      program_id: programId,
      time_zone: timeZone,
      min_life_days: minLifeDays,
    } = completeSettings(settings);
    for (const { wallet, expiry } of settings.wallets)
      if (expiry?.kind === 'inactivity')
        terms.set(programWallet({ programId, wallet }), {
          policy: expiryPolicyOf(expiry),
          timeZone,
          minLifeDays,
        });
  }
  return terms;
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

  /** The present of these programs, as far as their settings have come, and what these say about inactivity. */
  async presents(on: Queryable, programIds: readonly string[]): Promise<Presents> {
    const rows = await on.query<PresentRow & { readonly with_inactivity: ProgramSettings | null }>(
      {
        name: 'program-presents',
        text: `SELECT p.program_id, p.settings_revision, p.settings->>'clock_at' AS clock_at,
                      CASE WHEN ${WITH_INACTIVITY} THEN p.settings END AS with_inactivity
               FROM program p WHERE p.program_id = ANY($1)`,
      },
      [programIds],
    );
    return {
      now: new Map(rows.map((row) => [row.program_id, this.presentOf(row).now])),
      inactivity: inactivityOf(rows.flatMap(({ with_inactivity }) => with_inactivity ?? [])),
    };
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
