import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { programNow } from '@kizuna/contracts';
import type { Clock, Instant } from '@kizuna/kernel';
import {
  AsCaller,
  CLOCK,
  NeedsScope,
  pageOf,
  pageRequest,
  Problem,
  type Caller,
  type Page,
} from '@kizuna/service';
import { standingOf, versionState } from '../../domain/rule-book.js';
import { noParameters, pageParameters, type Parameters } from '../../wire/only-parameters.js';
import { ruleBody } from '../../wire/rule-body.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import type { StoredRule } from '../../storage/rule-versions.js';
import { RulesRepository } from '../../storage/rules.repository.js';

/** Every version of every rule, oldest first within a code. */
@Controller('v1/rules')
export class ReadRulesController {
  constructor(
    private readonly rules: RulesRepository,
    private readonly programs: ProgramsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @NeedsScope('rules:read')
  async list(
    @AsCaller() { programId }: Caller,
    @Query(pageParameters) { limit, cursor }: Parameters<'limit' | 'cursor'>,
  ): Promise<Page<object>> {
    const scope = `rules ${programId}`;
    const page = pageRequest(scope, 2, { limit, cursor });
    const [code = '', version = '0'] = page.after ?? [];
    const after = page.after ? { code, version: Number(version) } : undefined;
    const rows = await this.rules.list(programId, page.limit + 1, after);
    return pageOf(scope, rows, page.limit, {
      key: (row: StoredRule) => [row.code, String(row.version)],
      item: (row: StoredRule) => ruleBody(row),
    });
  }

  @Get(':code')
  @NeedsScope('rules:read')
  async read(
    @AsCaller() { programId }: Caller,
    @Param('code') code: string,
    @Query(noParameters) _none: object,
  ): Promise<object> {
    const versions = await this.rules.versionsOf(programId, code);
    if (versions.length === 0) throw new Problem(404, 'not_found', { detail: 'there is no such rule' });
    const now = await this.now(programId);
    const { standing, version } = standingOf(versions, code, now);
    return {
      code,
      state: standing,
      current_version: version ?? null,
      versions: versions.map((rule) => ruleBody(rule, versionState(rule, versions, now))),
    };
  }

  private async now(programId: string): Promise<Instant> {
    const settings = await this.programs.find(programId);
    const now = this.clock.now(programId);
    return settings ? programNow(settings, now) : now;
  }
}
