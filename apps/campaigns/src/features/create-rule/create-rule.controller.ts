import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { formatInstant, instant, type Clock } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller } from '@kizuna/service';
import type { RuleDraft, RuleRejection } from '../../domain/decide-rule-version.js';
import { ruleBody } from '../../wire/rule-body.js';
import { RulesRepository } from '../../storage/rules.repository.js';
import { CreateRuleRequest } from './create-rule.request.js';

@Controller('v1/rules')
export class CreateRuleController {
  constructor(
    private readonly rules: RulesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(201)
  @NeedsScope('rules:write')
  async create(@AsCaller() caller: Caller, @Body() request: CreateRuleRequest): Promise<object> {
    const { programId, actor } = caller;
    const decision = await this.rules.append(programId, draftOf(request), this.clock.now(programId), actor);
    if (!decision)
      throw new Problem(503, 'program_not_ready', {
        detail: 'the settings of this program are still on their way',
        retryAfter: 1,
      });
    if (!decision.accepted) throw problemOf(decision.rejection);
    return ruleBody({ ...decision.value, trigger: decision.value.trigger.kind });
  }
}

function draftOf(request: CreateRuleRequest): RuleDraft {
  const { code, label, wallet, priority, line_filter, reward, valid_from, valid_to } = request;
  return {
    code,
    label,
    wallet,
    priority,
    lineFilter: { ...line_filter },
    reward: { kind: 'base_rate', rates: reward.rates.map((rate) => ({ ...rate })) },
    validFrom: valid_from ? instant(valid_from) : undefined,
    validTo: valid_to ? instant(valid_to) : undefined,
  };
}

const problems = {
  unknown_wallet: ({ wallet, known }: { wallet: string; known: readonly string[] }) =>
    new Problem(422, 'unknown_wallet', {
      detail: `the program has no wallet ${wallet}`,
      errors: [{ pointer: '/wallet', detail: `must be one of ${known.join(', ')}` }],
    }),
  wallet_changed: ({ wallet }: { wallet: string }) =>
    new Problem(422, 'wallet_changed', {
      detail: `earlier versions of this rule fill the wallet ${wallet}: give a rule for another wallet another code`,
      errors: [{ pointer: '/wallet', detail: `must be ${wallet}` }],
    }),
  valid_from_too_early: ({ earliest }: { earliest: Parameters<typeof formatInstant>[0] }) =>
    new Problem(422, 'valid_from_too_early', {
      detail: `a version can begin at ${formatInstant(earliest)} at the earliest`,
      errors: [{ pointer: '/valid_from', detail: 'is too early' }],
      facts: { earliest: formatInstant(earliest) },
    }),
  valid_to_before_valid_from: () =>
    new Problem(422, 'valid_to_before_valid_from', {
      detail: 'a version ends after it begins',
      errors: [{ pointer: '/valid_to', detail: 'must be later than valid_from' }],
    }),
} satisfies {
  [Code in RuleRejection['code']]: (rejection: Extract<RuleRejection, { code: Code }>) => Problem;
};

function problemOf(rejection: RuleRejection): Problem {
  return problems[rejection.code](rejection as never);
}
