import { Injectable } from '@nestjs/common';
import { completeSettings, expiryPolicyOf, programNow, type ProgramSettings } from '@kizuna/contracts';
import { Database, type Queryable, type Transaction } from '@kizuna/database';
import type { Instant } from '@kizuna/kernel';
import { NotThereYet } from '@kizuna/messaging';
import type { EarningRule } from '../domain/earning-rule.js';
import type { DecidingSettings, ProgramRules } from '../domain/program-rules.js';
import { ruleVersions } from './rule-versions.js';

const SETTINGS_PATIENCE_MS = 60_000;

/** The settings of the program have not reached this room yet; they may be on their way. */
export class UnknownProgram extends NotThereYet {
  override readonly name = 'UnknownProgram';
  constructor(programId: string) {
    super(programId, SETTINGS_PATIENCE_MS, `no settings of ${programId} have arrived`);
  }
}

interface ProgramRow extends Record<string, unknown> {
  program_id: string;
  settings_revision: number;
  rule_set_revision: number;
  settings: ProgramSettings;
  first_event_at: Date | null;
}

/** Settings and rules of the programs. Kept in memory by revision, which every chunk asks for. */
@Injectable()
export class ProgramsRepository {
  private readonly known = new Map<string, ProgramRules>();
  /** Programs whose first event is committed. */
  private readonly begun = new Set<string>();

  constructor(private readonly database: Database) {}

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
      await tx.query(
        `INSERT INTO program_settings (program_id, revision, settings) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [program.program_id, program.revision, JSON.stringify(program)],
      );
    }
  }

  async find(programId: string): Promise<ProgramSettings | undefined> {
    const [row] = await this.database.query<ProgramRow>('SELECT * FROM program WHERE program_id = $1', [
      programId,
    ]);
    return row?.settings;
  }

  /** Business time of a program: its test clock, or the given one of the system. */
  async presentOf(programId: string, systemNow: Instant): Promise<Instant | undefined> {
    const settings = await this.find(programId);
    return settings && programNow(settings, systemNow);
  }

  /**
   * What the events of a chunk are decided with. The first event of a program locks its row, so that rules entered with
   * the right of a new program are either seen here or refused there.
   *
   * @throws UnknownProgram
   */
  async rulesFor(tx: Transaction, programIds: readonly string[]): Promise<Map<string, ProgramRules>> {
    await this.markFirstEvents(tx, programIds);
    const rules = await this.currentRules(tx, programIds);
    const missing = programIds.filter((id) => !rules.has(id));
    if (missing[0] !== undefined) throw new UnknownProgram(missing[0]);
    return rules;
  }

  /** Those in memory whose revisions are the database's still, and the others anew. */
  private async currentRules(
    on: Queryable,
    programIds: readonly string[],
  ): Promise<Map<string, ProgramRules>> {
    const rows = await on.query<ProgramRow>(
      {
        name: 'program-revisions',
        text: 'SELECT program_id, settings_revision, rule_set_revision FROM program WHERE program_id = ANY($1)',
      },
      [programIds],
    );
    const rules = new Map<string, ProgramRules>();
    for (const { program_id, settings_revision, rule_set_revision } of rows) {
      const known = this.known.get(program_id);
      const isCurrent =
        known?.settingsRevision === settings_revision && known.ruleSetRevision === rule_set_revision;
      rules.set(program_id, isCurrent ? known : await this.load(on, program_id));
    }
    return rules;
  }

  private async markFirstEvents(tx: Transaction, programIds: readonly string[]): Promise<void> {
    const fresh = programIds.filter((id) => !this.begun.has(id)).sort();
    if (fresh.length === 0) return;
    const marked = await tx.query<{ program_id: string }>(
      `UPDATE program SET first_event_at = now()
       WHERE program_id IN (SELECT program_id FROM program WHERE program_id = ANY($1) AND first_event_at IS NULL
                            ORDER BY program_id FOR UPDATE)
       RETURNING program_id`,
      [fresh],
    );
    // What this transaction marked is believed only when a later one finds it marked: it may still roll back.
    const now = new Set(marked.map(({ program_id }) => program_id));
    for (const id of fresh) if (!now.has(id) && this.known.has(id)) this.begun.add(id);
  }

  /** What a program decides with now; its rules of every version. */
  async rulesOf(programId: string, on: Queryable = this.database): Promise<ProgramRules | undefined> {
    return (await this.currentRules(on, [programId])).get(programId);
  }

  /**
   * For explanations: what a decision had that saw this revision of the settings. The versions that it has seen are among the
   * rules. A decision from before revisions were kept had the first settings: they could not be changed then.
   */
  async rulesOfDecision(programId: string, settingsRevision: number): Promise<ProgramRules | undefined> {
    const now = await this.rulesOf(programId);
    if (!now || now.settingsRevision === settingsRevision) return now;
    const [row] = await this.database.query<{ settings: ProgramSettings }>(
      `SELECT settings FROM program_settings WHERE program_id = $1
       ORDER BY revision <= $2 DESC, CASE WHEN revision <= $2 THEN -revision ELSE revision END LIMIT 1`,
      [programId, settingsRevision],
    );
    return row ? { ...now, settings: decidingSettings(row.settings) } : now;
  }

  private async load(on: Queryable, programId: string): Promise<ProgramRules> {
    const [row] = await on.query<ProgramRow>('SELECT * FROM program WHERE program_id = $1', [programId]);
    if (!row) throw new UnknownProgram(programId);
    const known = programRules(row, await ruleVersions(on, programId));
    this.known.set(programId, known);
    return known;
  }
}

function programRules(
  { settings, settings_revision, rule_set_revision }: ProgramRow,
  versions: readonly EarningRule[],
): ProgramRules {
  return {
    // A version that was entered after the row was read belongs to the next revision.
    versions: versions.filter(({ ruleSetRevision }) => ruleSetRevision <= rule_set_revision),
    ruleSetRevision: rule_set_revision,
    settingsRevision: settings_revision,
    settings: decidingSettings(settings),
  };
}

function decidingSettings(given: ProgramSettings): DecidingSettings {
  const settings = completeSettings(given);
  return {
    rounding: settings.rounding,
    roundingScope: settings.rounding_scope,
    bonusFrom: settings.bonus_from,
    currency: settings.currency,
    maxAward: settings.max_award,
    earnNetOfTax: settings.earn_net_of_tax,
    lateWindowDays: settings.late_window_days,
    clawbackPolicy: settings.clawback_policy,
    timeZone: settings.time_zone,
    returnWindowDays: settings.return_window_days,
    minLifeDays: settings.min_life_days,
    expiry: new Map(settings.wallets.map(({ wallet, expiry }) => [wallet, expiryPolicyOf(expiry)])),
  };
}
