import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import type { Clock } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, type Caller } from '@kizuna/service';
import { decideRuleVersion } from '../../domain/decide-rule-version.js';
import { versionState } from '../../domain/rule-book.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { RulesRepository } from '../../storage/rules.repository.js';
import { requestOf } from '../../wire/idempotency-key.js';
import { ruleBody } from '../../wire/rule-body.js';
import { appended } from '../../wire/rule-answer.js';
import { CreateRuleRequest } from './create-rule.request.js';
import { draftOf } from './draft-of-request.js';
import { problemOf } from './rule-problems.js';

@Controller('v1/rules')
export class CreateRuleController {
  constructor(
    private readonly rules: RulesRepository,
    private readonly programs: ProgramsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(201)
  @NeedsScope('rules:write')
  async create(
    @AsCaller() { programId, actor }: Caller,
    @Body() body: CreateRuleRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<object> {
    const draft = draftOf(body);
    const request = requestOf(key, { command: 'create', ...draft });
    const entry = { actor, request, reason: undefined, systemNow: this.clock.now(programId) };
    const decision = await this.rules.append(programId, entry, (book) => decideRuleVersion(draft, book));
    const rule = appended(decision, problemOf);
    const versions = await this.rules.versionsOf(programId, rule.code);
    const now = this.clock.now(programId);
    const present = (await this.programs.presentOf(programId, now)) ?? now;
    return ruleBody(rule, versionState(rule, versions, present));
  }
}
