import { Controller, Get, Param, Query } from '@nestjs/common';
import { AsCaller, NeedsScope, pageOf, pageRequest, Problem, type Caller, type Page } from '@kizuna/service';
import { ruleBody } from '../../wire/rule-body.js';
import { RulesRepository, type ListedRule } from '../../storage/rules.repository.js';

/** Every version of every rule, oldest first within a code. */
@Controller('v1/rules')
export class ReadRulesController {
  constructor(private readonly rules: RulesRepository) {}

  @Get()
  @NeedsScope('rules:read')
  async list(
    @AsCaller() { programId }: Caller,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): Promise<Page<object>> {
    const scope = `rules ${programId}`;
    const page = pageRequest(scope, 2, { limit, cursor });
    const [code = '', version = '0'] = page.after ?? [];
    const after = page.after ? { code, version: Number(version) } : undefined;
    const rows = await this.rules.list(programId, page.limit + 1, after);
    return pageOf(scope, rows, page.limit, {
      key: (row: ListedRule) => [row.code, String(row.version)],
      item: ruleBody,
    });
  }

  @Get(':code')
  @NeedsScope('rules:read')
  async read(@AsCaller() { programId }: Caller, @Param('code') code: string): Promise<object> {
    const versions = await this.rules.versionsOf(programId, code);
    if (versions.length === 0) throw new Problem(404, 'not_found', { detail: 'there is no such rule' });
    return { code, versions: versions.map(ruleBody) };
  }
}
