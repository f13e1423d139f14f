import { Controller, Get, Param, Query } from '@nestjs/common';
import { instant, invariant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import type { ReviewReason } from '../../domain/order.js';
import type { RuleOutcome } from '../../domain/rule-outcome.js';
import { explainPurchase } from '../../domain/explain-purchase.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { PurchasesQuery, type AwardRecord, type PurchaseRecord } from '../../storage/purchases.query.js';
import { noParameters } from '../../wire/only-parameters.js';
import { awardBody } from '../../wire/award-body.js';
import {
  explanationBody,
  noRuleExplanation,
  reviewExplanation,
  type ExplainedLine,
} from '../../wire/explanation.js';
import { GUEST_WORDS, REFUSED_WORDS } from '../../domain/outcome-words.js';
import { knownOf } from '../../storage/known-column.js';

/** What became of a purchase: its awards and why, its refunds, what waits and what was refused. */
@Controller('v1/purchases')
export class ReadPurchaseController {
  constructor(
    private readonly purchases: PurchasesQuery,
    private readonly programs: ProgramsRepository,
  ) {}

  @Get(':orderId')
  @NeedsScope('purchases:read')
  async read(
    @AsCaller() { programId }: Caller,
    @Param('orderId') orderId: string,
    @Query(noParameters) _none: object,
  ): Promise<object> {
    const whole = await this.purchases.whole(programId, orderId);
    if (!whole)
      throw new Problem(404, 'not_known_yet', {
        detail: 'no event of this order has been handled',
        retryAfter: 1,
      });
    const { purchase, refunds, awards, conflicts } = whole;
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
    const { facts, occurred_at, review_reason: review } = purchase;
    if (!facts || !occurred_at) return { awards: [], no_awards: [] };
    const program = await this.programs.rulesOfDecision(programId, purchase.settings_revision ?? 0);
    invariant(program, 'a program with purchases has settings');
    const lines = (purchase.lines ?? []).map(([lineId, paid, eligible]) => ({
      lineId,
      paid: BigInt(paid),
      eligible: BigInt(eligible),
    }));
    const decided = {
      memberId: purchase.member_id,
      occurredAt: instant(occurred_at),
      ruleSetRevision: purchase.rule_set_revision ?? 0,
      known: knownOf(purchase.known),
      lines,
    };
    const outcomes = explainPurchase(facts, decided, program) ?? [];
    const { rounding } = program.settings;
    const bodyOf = (outcome: RuleOutcome): object =>
      explanationBody(outcome, { currency: facts.currency, rounding, lines });
    const isOf = ({ rule }: RuleOutcome, award: AwardRecord): boolean =>
      rule.code === award.rule && rule.wallet === award.wallet;
    const withoutAward = (): object[] => {
      if (outcomes.length === 0 && awards.length === 0) return [noRuleExplanation('no_rule_in_force')];
      return outcomes.filter((outcome) => !awards.some((award) => isOf(outcome, award))).map(bodyOf);
    };
    return {
      awards: awards.map((award) => {
        const outcome = outcomes.find((one) => isOf(one, award));
        return {
          ...awardBody(award),
          lines: linesOf(award, lines, outcome),
          explanation: outcome ? bodyOf(outcome) : null,
        };
      }),
      no_awards: noAwardsOf(purchase.member_id, purchase.state, review) ?? withoutAward(),
    };
  }
}

/** The units of an award per line: of those that its rule counted, and those that have some. A fixed bonus has no lines. */
function linesOf(
  award: AwardRecord,
  lines: readonly ExplainedLine[],
  outcome: RuleOutcome | undefined,
): object[] {
  if (outcome?.rule.reward.kind === 'fixed') return [];
  return lines.flatMap(({ lineId, eligible }, index) => {
    const units = Number(award.lines[index] ?? 0);
    const isShown = units > 0 || outcome?.countedLines.includes(index);
    return isShown ? [{ line_id: lineId, eligible_minor: Number(eligible), units }] : [];
  });
}

/** Where no rule was asked, the one reason for all of them. */
function noAwardsOf(
  memberId: string | null,
  state: string,
  review: ReviewReason | null,
): object[] | undefined {
  if (memberId === null) return [{ reason: 'guest', text: GUEST_WORDS }];
  if (review && state === 'review') return [reviewExplanation(review)];
  return state === 'refused' ? [{ reason: 'review_refused', text: REFUSED_WORDS }] : undefined;
}
