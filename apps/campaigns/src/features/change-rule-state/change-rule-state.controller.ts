import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Clock } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, type Caller } from '@kizuna/service';
import { decideRuleState, type StateCommand } from '../../domain/decide-rule-state.js';
import { RulesRepository } from '../../storage/rules.repository.js';
import { requestOf } from '../../wire/idempotency-key.js';
import { appended } from '../../wire/rule-answer.js';
import { ruleBody } from '../../wire/rule-body.js';
import { ChangeRuleStateRequest } from './change-rule-state.request.js';
import { problemOf } from './state-problems.js';

/** Takes effect at this instant: for what occurs from now on, never for what occurred before. */
@Controller('v1/rules/:code')
export class ChangeRuleStateController {
  constructor(
    private readonly rules: RulesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('pause')
  @HttpCode(200)
  @NeedsScope('rules:write')
  async pause(
    @AsCaller() caller: Caller,
    @Param('code') code: string,
    @Body() body: ChangeRuleStateRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<object> {
    return this.change(caller, { code, command: 'pause', reason: body.reason, key });
  }

  @Post('resume')
  @HttpCode(200)
  @NeedsScope('rules:write')
  async resume(
    @AsCaller() caller: Caller,
    @Param('code') code: string,
    @Body() body: ChangeRuleStateRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<object> {
    return this.change(caller, { code, command: 'resume', reason: body.reason, key });
  }

  @Post('end')
  @HttpCode(200)
  @NeedsScope('rules:write')
  async end(
    @AsCaller() caller: Caller,
    @Param('code') code: string,
    @Body() body: ChangeRuleStateRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<object> {
    return this.change(caller, { code, command: 'end', reason: body.reason, key });
  }

  private async change(
    { programId, actor }: Caller,
    asked: { code: string; command: StateCommand; reason: string; key: string | undefined },
  ): Promise<object> {
    const { code, command, reason, key } = asked;
    const request = requestOf(key, { command, code, reason });
    const entry = { actor, reason, request, systemNow: this.clock.now(programId) };
    const decision = await this.rules.append(programId, entry, (book) =>
      decideRuleState(code, command, book),
    );
    return ruleBody(appended(decision, problemOf));
  }
}
