import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { checkQuoteBody, type QuoteBody } from '@kizuna/contracts';
import { Database } from '@kizuna/database';
import { formatInstant, instant, type Clock, type Instant } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { awardTimes } from '../../domain/award-times.js';
import { eligibleBase } from '../../domain/eligible-base.js';
import { GUEST_WORDS } from '../../domain/outcome-words.js';
import { purchaseRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { knownOfPurchase, outcomesFor } from '../../domain/record-purchase.js';
import type { RuleOutcome } from '../../domain/rule-outcome.js';
import { readHistory } from '../../storage/member-histories.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { explanationBody, type ExplainedLine } from '../../wire/explanation.js';

/** What a purchase would earn, by the decision that an order meets, and with no effect at all. */
@Controller('v1/quotes')
export class QuoteAwardsController {
  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  @NeedsScope('purchases:read')
  async quote(@AsCaller() { programId }: Caller, @Body() body: unknown): Promise<object> {
    const checked = checkQuoteBody(body);
    if (!checked.valid)
      throw new Problem(400, 'invalid_request', {
        detail: 'the request is not valid',
        errors: checked.faults,
      });
    const purchase = checked.value;
    const program = await this.programs.rulesOf(programId);
    const present = await this.programs.presentOf(programId, this.clock.now(programId));
    if (!program || present === undefined)
      throw new Problem(503, 'program_not_ready', {
        detail: 'the settings of this program are still on their way',
        retryAfter: 1,
      });
    const occurredAt = purchase.occurred_at === undefined ? present : instant(purchase.occurred_at);
    const bases = eligibleBase(purchase, program.settings);
    const lines = purchase.lines.map(({ line_id }, i) => ({
      lineId: line_id,
      ...(bases[i] ?? { paid: 0n, eligible: 0n }),
    }));
    if (purchase.member_id === null)
      return {
        ...answer([], lines, occurredAt, program, purchase),
        explanation: [{ reason: 'guest', text: GUEST_WORDS }],
      };
    // Caps and counts as they are; an order that comes meanwhile changes them.
    const about = { programId, memberId: purchase.member_id, occurredAt };
    const rules = purchaseRulesAt(program, occurredAt);
    const history = await readHistory(this.database, about, rules, program.settings);
    const known = knownOfPurchase(occurredAt, program, history);
    const outcomes = outcomesFor(purchase, bases, occurredAt, program, known);
    return answer(outcomes, lines, occurredAt, program, purchase);
  }
}

function answer(
  outcomes: readonly RuleOutcome[],
  lines: readonly ExplainedLine[],
  occurredAt: Instant,
  { settings }: ProgramRules,
  { currency }: QuoteBody,
): object {
  const given = outcomes.filter(({ amount }) => amount > 0n);
  const sums = new Map<string, bigint>();
  for (const { rule, amount } of given) sums.set(rule.wallet, (sums.get(rule.wallet) ?? 0n) + amount);
  return {
    occurred_at: formatInstant(occurredAt),
    wallets: [...sums].map(([wallet, amount]) => ({ wallet, amount: Number(amount) })),
    awards: given.map((outcome) => {
      const { releaseAt, expiresAt } = awardTimes(outcome.rule, occurredAt, settings);
      return {
        rule: outcome.rule.code,
        rule_version: outcome.rule.version,
        wallet: outcome.rule.wallet,
        amount: Number(outcome.amount),
        release_at: releaseAt === undefined ? null : formatInstant(releaseAt),
        expires_at: expiresAt === undefined ? null : formatInstant(expiresAt),
        lines: lines.flatMap(({ lineId }, index) => {
          const units = Number(outcome.lines[index] ?? 0n);
          return units > 0 ? [{ line_id: lineId, units }] : [];
        }),
      };
    }),
    explanation: outcomes.map((outcome) =>
      explanationBody(outcome, { currency, rounding: settings.rounding, lines }),
    ),
  };
}
