import { Controller, Get, Param, Query } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { formatInstant, invariant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { engagementOutcomes, type RecordedEngagement } from '../../domain/engagement.js';
import { seenBy } from '../../domain/explain-purchase.js';
import type { RuleOutcome } from '../../domain/rule-outcome.js';
import { REFUSED_WORDS } from '../../domain/outcome-words.js';
import { findEngagement } from '../../storage/engagements.repository.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { PurchasesQuery, type AwardRecord } from '../../storage/purchases.query.js';
import { noParameters } from '../../wire/only-parameters.js';
import { awardBody } from '../../wire/award-body.js';
import { explanationBody, noRuleExplanation, reviewExplanation } from '../../wire/explanation.js';

/** What became of an engagement: its awards, and what every rule for its activity made of it. */
@Controller('v1/engagements')
export class ReadEngagementController {
  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
    private readonly awards: PurchasesQuery,
  ) {}

  @Get(':engagementId')
  @NeedsScope('purchases:read')
  async read(
    @AsCaller() { programId }: Caller,
    @Param('engagementId') engagementId: string,
    @Query(noParameters) _none: object,
  ): Promise<object> {
    const { engagement, awards } = await this.database.snapshot(async (on) => ({
      engagement: await findEngagement(on, { programId, engagementId }),
      awards: await this.awards.awardsOfEngagement(programId, engagementId, on),
    }));
    const recorded = engagement?.recorded;
    if (!recorded)
      throw new Problem(404, 'not_known_yet', {
        detail: 'no event of this engagement has been handled',
        retryAfter: 1,
      });
    return {
      engagement_id: engagementId,
      member_id: recorded.memberId,
      activity: recorded.facts.activity,
      occurred_at: formatInstant(recorded.occurredAt),
      received_at: formatInstant(recorded.receivedAt),
      state: recorded.review ? 'review' : recorded.isRefused ? 'refused' : 'decided',
      ...(recorded.review ? { review_reason: recorded.review } : {}),
      ...(await this.explained(programId, recorded, awards)),
      conflicts: engagement.conflicts.map(({ eventId, receivedAt }) => ({
        event_id: eventId,
        received_at: formatInstant(receivedAt),
      })),
    };
  }

  private async explained(
    programId: string,
    recorded: RecordedEngagement,
    awards: readonly AwardRecord[],
  ): Promise<{ awards: object[]; no_awards: object[] }> {
    const { review, isRefused, facts, occurredAt, ruleSetRevision, settingsRevision, known } = recorded;
    if (review) return { awards: [], no_awards: [reviewExplanation(review)] };
    if (isRefused) return { awards: [], no_awards: [{ reason: 'review_refused', text: REFUSED_WORDS }] };
    const program = await this.programs.rulesOfDecision(programId, settingsRevision);
    invariant(program, 'a program with engagements has settings');
    const versions = seenBy(program, ruleSetRevision);
    const { rounding, currency } = program.settings;
    const outcomes = engagementOutcomes(facts, occurredAt, { ...program, versions }, known);
    const bodyOf = (outcome: RuleOutcome): object =>
      explanationBody(outcome, { currency, rounding, lines: [] });
    if (outcomes.length === 0 && awards.length === 0)
      return { awards: [], no_awards: [noRuleExplanation('no_rule_for_activity')] };
    const isOf = ({ rule }: RuleOutcome, award: AwardRecord): boolean =>
      rule.code === award.rule && rule.wallet === award.wallet;
    return {
      awards: awards.map((award) => {
        const outcome = outcomes.find((one) => isOf(one, award));
        return { ...awardBody(award), explanation: outcome ? bodyOf(outcome) : null };
      }),
      no_awards: outcomes.filter((outcome) => !awards.some((award) => isOf(outcome, award))).map(bodyOf),
    };
  }
}
