import { Controller, Get, Param } from '@nestjs/common';
import { instant, invariant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import type { RuleOutcome } from '../../domain/decide-awards.js';
import { explainPurchase } from '../../domain/explain-purchase.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { PurchasesQuery, type AwardRecord, type PurchaseRecord } from '../../storage/purchases.query.js';
import { awardBody } from '../../wire/award-body.js';
import { explanationBody } from './explanation.js';

/** What became of a purchase: its awards and why, its refunds, what waits and what was refused. */
@Controller('v1/purchases')
export class ReadPurchaseController {
  constructor(
    private readonly purchases: PurchasesQuery,
    private readonly programs: ProgramsRepository,
  ) {}

  @Get(':orderId')
  @NeedsScope('purchases:read')
  async read(@AsCaller() { programId }: Caller, @Param('orderId') orderId: string): Promise<object> {
    const purchase = await this.purchases.find(programId, orderId);
    if (!purchase)
      throw new Problem(404, 'not_known_yet', {
        detail: 'no event of this order has been handled',
        retryAfter: 1,
      });
    const [refunds, awards, conflicts] = await Promise.all([
      this.purchases.refunds(programId, orderId),
      this.purchases.awardsOfOrder(programId, orderId),
      this.purchases.conflicts(programId, orderId),
    ]);
    return {
      order_id: purchase.order_id,
      member_id: purchase.member_id,
      state: purchase.state,
      ...(purchase.review_reason ? { review_reason: purchase.review_reason } : {}),
      occurred_at: purchase.occurred_at?.toISOString() ?? null,
      received_at: purchase.received_at?.toISOString() ?? null,
      currency: purchase.currency,
      ...(await this.explained(programId, purchase, awards)),
      refunds: refunds.map((refund) => ({
        refund_id: refund.refund_id,
        state: refund.state,
        ...(refund.reason ? { reason: refund.reason } : {}),
        over_minor: Number(refund.over_minor),
        occurred_at: refund.occurred_at.toISOString(),
        received_at: refund.received_at.toISOString(),
      })),
      conflicts: conflicts.map(({ event_id, received_at }) => ({
        event_id,
        received_at: received_at.toISOString(),
      })),
    };
  }

  private async explained(
    programId: string,
    purchase: PurchaseRecord,
    awards: readonly AwardRecord[],
  ): Promise<{ awards: object[]; no_awards: object[] }> {
    const { facts, occurred_at } = purchase;
    if (!facts || !occurred_at) return { awards: [], no_awards: [] };
    const program = await this.programs.rulesOf(programId);
    invariant(program, 'a program with purchases has settings');
    const occurredAt = instant(occurred_at);
    const decided = {
      memberId: purchase.member_id,
      occurredAt,
      ruleSetRevision: purchase.rule_set_revision ?? 0,
    };
    const outcomes = explainPurchase(facts, decided, program) ?? [];
    const { rounding } = program.settings;
    const bodyOf = (outcome: RuleOutcome): object => explanationBody(outcome, purchase, rounding);
    return {
      awards: awards.map((award) => {
        const outcome = outcomes.find(({ rule }) => rule.code === award.rule && rule.wallet === award.wallet);
        const lines = (purchase.lines ?? []).flatMap(([line_id, , eligible_minor], index) => {
          const units = Number(award.lines[index] ?? 0);
          return outcome?.countedLines.includes(index) || units > 0
            ? [{ line_id, eligible_minor, units }]
            : [];
        });
        return { ...awardBody(award), lines, explanation: outcome ? bodyOf(outcome) : null };
      }),
      no_awards:
        purchase.member_id === null
          ? [{ reason: 'guest' }]
          : purchase.state === 'review'
            ? [{ reason: `review_${purchase.review_reason}` }]
            : outcomes
                .filter(
                  ({ rule }) =>
                    !awards.some((award) => award.rule === rule.code && award.wallet === rule.wallet),
                )
                .map(bodyOf),
    };
  }
}
