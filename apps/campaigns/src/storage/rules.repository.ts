import { Injectable } from '@nestjs/common';
import { programNow, type ProgramSettings } from '@kizuna/contracts';
import { Database, type Transaction } from '@kizuna/database';
import { accept, instant, reject, type Decision, type Instant } from '@kizuna/kernel';
import type { EarningRule } from '../domain/earning-rule.js';
import type { RuleBook } from '../domain/rule-book.js';
import { EarningRuleEntity, type EarningRuleRow } from './earning-rule.entity.js';
import { insertRule, ruleVersions, storedRule, type RuleEntry, type StoredRule } from './rule-versions.js';

export type KeyReused = { readonly code: 'idempotency_key_reused' };

interface ProgramRow extends Record<string, unknown> {
  settings: ProgramSettings;
  first_event_at: Date | null;
  revision: number;
  now: Date;
}

/** Rules as configuration: entered rarely, in versions. */
@Injectable()
export class RulesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Locks the program, lets `decide` look at its rules and appends the version that it accepts. The lock makes two
   * creators follow each other, and a repeated request find the version that the first one made.
   *
   * @returns undefined when the program is not known here yet
   */
  async append<Rejection extends { readonly code: string }>(
    programId: string,
    entry: RuleEntry & { readonly systemNow: Instant },
    decide: (book: RuleBook) => Decision<EarningRule, Rejection>,
  ): Promise<Decision<StoredRule, Rejection | KeyReused> | undefined> {
    return this.database.transaction(async (tx) => {
      const [program] = await tx.query<ProgramRow>(
        `SELECT settings, first_event_at, rule_set_revision + 1 AS revision, clock_timestamp() AS now
         FROM program WHERE program_id = $1 FOR UPDATE`,
        [programId],
      );
      if (!program) return undefined;
      const answered = entry.request && (await this.answered(tx, programId, entry.request.key));
      if (answered)
        return answered.request_hash === entry.request?.hash
          ? accept(storedRule(answered))
          : reject({ code: 'idempotency_key_reused' });

      const decision = decide(ruleBook(program, await ruleVersions(tx, programId), entry.systemNow));
      if (!decision.accepted) return decision;
      const stored = await insertRule(tx, programId, decision.value, entry);
      await tx.query('UPDATE program SET rule_set_revision = $2 WHERE program_id = $1', [
        programId,
        program.revision,
      ]);
      return accept(stored);
    });
  }

  private async answered(
    tx: Transaction,
    programId: string,
    key: string,
  ): Promise<EarningRuleRow | undefined> {
    const [row] = await tx.query<EarningRuleRow>(
      'SELECT * FROM earning_rule WHERE program_id = $1 AND request_key = $2',
      [programId, key],
    );
    return row;
  }

  /** All versions, by code and version. */
  async list(
    programId: string,
    limit: number,
    after?: { code: string; version: number },
  ): Promise<StoredRule[]> {
    const query = this.database.dataSource
      .getRepository(EarningRuleEntity)
      .createQueryBuilder('rule')
      .where('rule.program_id = :programId', { programId })
      .orderBy('rule.code')
      .addOrderBy('rule.version')
      .limit(limit);
    if (after) query.andWhere('(rule.code, rule.version) > (:code, :version)', after);
    return (await query.getMany()).map(storedRule);
  }

  async versionsOf(programId: string, code: string): Promise<StoredRule[]> {
    const rows = await this.database.dataSource
      .getRepository(EarningRuleEntity)
      .find({ where: { program_id: programId, code }, order: { version: 'ASC' } });
    return rows.map(storedRule);
  }
}

function ruleBook(
  { settings, first_event_at, revision, now }: ProgramRow,
  versions: readonly EarningRule[],
  systemNow: Instant,
): RuleBook {
  // Several instances write rules; of their clocks and the database's, the latest is nobody's past.
  const latestClock = instant(Math.max(systemNow, now.getTime()));
  return {
    wallets: settings.wallets.map(({ wallet }) => wallet),
    startsAt: instant(settings.starts_at),
    hasEvents: first_event_at !== null,
    now: programNow(settings, latestClock),
    revision,
    versions,
  };
}
