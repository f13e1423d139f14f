import { Controller, Get, Param } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { formatInstant, invariant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { engagementOutcomes, type RecordedEngagement } from '../../domain/engagement.js';
import { seenBy } from '../../domain/explain-purchase.js';
import { REFUSED_WORDS, REVIEW_WORDS } from '../../domain/outcome-words.js';
import { findEngagement } from '../../storage/engagements.repository.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { PurchasesQuery } from '../../storage/purchases.query.js';
import { awardBody } from '../../wire/award-body.js';
import { explanationBody } from '../../wire/explanation.js';

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
  ): Promise<object> {
    const engagement = await findEngagement(this.database, { programId, engagementId });
    const recorded = engagement?.recorded;
    if (!recorded)
      throw new Problem(404, 'not_known_yet', {
        detail: 'no event of this engagement has been handled',
        retryAfter: 1,
      });
    const awards = await this.awards.awardsOfEngagement(programId, engagementId);
    return {
      engagement_id: engagementId,
      member_id: recorded.memberId,
      activity: recorded.facts.activity,
      occurred_at: formatInstant(recorded.occurredAt),
      received_at: formatInstant(recorded.receivedAt),
      state: recorded.review ? 'review' : recorded.isRefused ? 'refused' : 'decided',
      ...(recorded.review ? { review_reason: recorded.review } : {}),
      awards: awards.map(awardBody),
      explanation: await this.explained(programId, recorded),
      conflicts: engagement.conflicts.map(({ eventId, receivedAt }) => ({
        event_id: eventId,
        received_at: formatInstant(receivedAt),
      })),
    };
  }

  private async explained(programId: string, recorded: RecordedEngagement): Promise<object[]> {
    const { review, isRefused, facts, occurredAt, ruleSetRevision, settingsRevision, known } = recorded;
    if (review) return [{ reason: `review_${review}`, text: REVIEW_WORDS }];
    if (isRefused) return [{ reason: 'review_refused', text: REFUSED_WORDS }];
    const program = await this.programs.rulesOfDecision(programId, settingsRevision);
    invariant(program, 'a program with engagements has settings');
    const versions = seenBy(program, ruleSetRevision);
    const { rounding, currency } = program.settings;
    return engagementOutcomes(facts, occurredAt, { ...program, versions }, known).map((outcome) =>
      explanationBody(outcome, { currency, rounding, lines: [] }),
    );
  }
}
