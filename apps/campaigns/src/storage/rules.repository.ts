import { Injectable } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { Database } from '@kizuna/database';
import { instant, type Decision } from '@kizuna/kernel';
import { decideRuleVersion, type RuleDraft, type RuleRejection } from '../domain/decide-rule-version.js';
import type { EarningRule } from '../domain/earning-rule.js';
import { EarningRuleEntity, type EarningRuleRow } from './earning-rule.entity.js';

export interface ListedRule extends EarningRuleRow {
  createdAt: Date;
}

/** Rules as configuration: entered rarely, in versions. */
@Injectable()
export class RulesRepository {
  constructor(private readonly database: Database) {}

  /** Locks the program, decides, appends. Undefined when the program is not known here yet. */
  async append(
    programId: string,
    draft: RuleDraft,
    programNow: number,
    actor: string,
  ): Promise<Decision<EarningRule, RuleRejection> | undefined> {
    return this.database.transaction(async (tx) => {
      const [program] = await tx.query<{
        settings: ProgramSettings;
        first_event_at: Date | null;
        revision: number;
        now: Date;
      }>(
        `SELECT settings, first_event_at, rule_set_revision + 1 AS revision, clock_timestamp() AS now
         FROM program WHERE program_id = $1 FOR UPDATE`,
        [programId],
      );
      if (!program) return undefined;
      const [latest] = await tx.query<{ version: number; valid_from: Date; wallet: string }>(
        `SELECT version, valid_from, wallet FROM earning_rule WHERE program_id = $1 AND code = $2
         ORDER BY version DESC LIMIT 1`,
        [programId, draft.code],
      );
      const decision = decideRuleVersion(draft, {
        wallets: program.settings.wallets.map(({ wallet }) => wallet),
        startsAt: instant(program.settings.starts_at),
        hasEvents: program.first_event_at !== null,
        revision: program.revision,
        now: instant(Math.max(programNow, program.now.getTime())),
        latest: latest && {
          version: latest.version,
          validFrom: instant(latest.valid_from),
          wallet: latest.wallet,
        },
      });
      if (!decision.accepted) return decision;
      const { code, version, label, wallet, priority, lineFilter, reward, validFrom, validTo } =
        decision.value;
      await tx.query(
        `INSERT INTO earning_rule (program_id, code, version, label, trigger, wallet, priority, line_filter, reward,
                                   valid_from, valid_to, created_by, rule_set_revision)
         VALUES ($1, $2, $3, $4, 'purchase', $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          programId,
          code,
          version,
          label,
          wallet,
          priority,
          JSON.stringify(lineFilter),
          JSON.stringify(reward),
          new Date(validFrom),
          validTo === undefined ? null : new Date(validTo),
          actor,
          program.revision,
        ],
      );
      await tx.query('UPDATE program SET rule_set_revision = $2 WHERE program_id = $1', [
        programId,
        program.revision,
      ]);
      return decision;
    });
  }

  /** All versions, by code and version. */
  async list(
    programId: string,
    limit: number,
    after?: { code: string; version: number },
  ): Promise<ListedRule[]> {
    const query = this.database.dataSource
      .getRepository(EarningRuleEntity)
      .createQueryBuilder('rule')
      .where('rule.programId = :programId', { programId })
      .orderBy('rule.code')
      .addOrderBy('rule.version')
      .limit(limit);
    if (after) query.andWhere('(rule.code, rule.version) > (:code, :version)', after);
    return (await query.getMany()) as ListedRule[];
  }

  async versionsOf(programId: string, code: string): Promise<ListedRule[]> {
    return (await this.database.dataSource
      .getRepository(EarningRuleEntity)
      .find({ where: { programId, code }, order: { version: 'ASC' } })) as ListedRule[];
  }
}
