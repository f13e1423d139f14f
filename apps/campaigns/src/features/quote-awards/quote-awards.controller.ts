import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { checkQuoteBody, type QuoteBody } from '@kizuna/contracts';
import { Database } from '@kizuna/database';
import { formatInstant, instant, type Clock, type Instant } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { awardTimes } from '../../domain/award-times.js';
import { NO_HISTORY, type MemberHistory } from '../../domain/member-history.js';
import { GUEST_WORDS } from '../../domain/outcome-words.js';
import { purchaseRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { decidePurchase, type PurchaseDecision } from '../../domain/record-purchase.js';
import { readHistory } from '../../storage/member-histories.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import {
  explanationBody,
  noRuleExplanation,
  reviewExplanation,
  type ExplainedEvent,
} from '../../wire/explanation.js';

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
    const { member_id: memberId } = purchase;
    const arrived = { facts: purchase, memberId, occurredAt, receivedAt: present };
    const decision = decidePurchase(arrived, program, await this.historyOf(programId, arrived, program));
    const isGuest = memberId === null;
    return {
      ...answer(decision, occurredAt, program, purchase),
      ...(isGuest ? { explanation: [{ reason: 'guest', text: GUEST_WORDS }] } : {}),
    };
  }

  /** Caps and counts as they are; an order that comes meanwhile changes them. */
  private async historyOf(
    programId: string,
    { memberId, occurredAt }: { readonly memberId: string | null; readonly occurredAt: Instant },
    program: ProgramRules,
  ): Promise<MemberHistory> {
    if (memberId === null) return NO_HISTORY;
    const rules = purchaseRulesAt(program, occurredAt);
    return readHistory(this.database, { programId, memberId, occurredAt }, rules, program.settings);
  }
}

function answer(
  decision: PurchaseDecision,
  occurredAt: Instant,
  { settings }: ProgramRules,
  purchase: QuoteBody,
): object {
  const { currency } = purchase;
  const { bases, outcomes } = decision;
  const lines = purchase.lines.map(({ line_id }, i) => ({
    lineId: line_id,
    ...(bases[i] ?? { paid: 0n, eligible: 0n }),
  }));
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
    explanation: explanationOf(decision, { currency, rounding: settings.rounding, lines }),
  };
}

function explanationOf({ review, outcomes }: PurchaseDecision, event: ExplainedEvent): object[] {
  if (review) return [reviewExplanation(review)];
  if (outcomes.length === 0) return [noRuleExplanation('no_rule_in_force')];
  return outcomes.map((outcome) => explanationBody(outcome, event));
}
