import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Clock } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller } from '@kizuna/service';
import type { ReviewRejection, Verdict } from '../../domain/review.js';
import { RuleFailures } from '../../operations/rule-failures.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { ReviewsRepository } from '../../storage/reviews.repository.js';
import { reviewBody } from '../../wire/review-body.js';
import { ruleOnReview } from './rule-on-review.js';
import { ReviewRulingRequest } from './review-ruling.request.js';

/** Somebody has looked at a late event or a large award: it counts, or it never does. */
@Controller('v1/reviews')
export class DecideReviewsController {
  constructor(
    private readonly reviews: ReviewsRepository,
    private readonly programs: ProgramsRepository,
    private readonly failures: RuleFailures,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post(':reviewId/release')
  @HttpCode(200)
  @NeedsScope('reviews:write')
  release(
    @AsCaller() caller: Caller,
    @Param('reviewId') reviewId: string,
    @Body() request: ReviewRulingRequest,
  ): Promise<object> {
    return this.decide(caller, reviewId, 'released', request);
  }

  @Post(':reviewId/refuse')
  @HttpCode(200)
  @NeedsScope('reviews:write')
  refuse(
    @AsCaller() caller: Caller,
    @Param('reviewId') reviewId: string,
    @Body() request: ReviewRulingRequest,
  ): Promise<object> {
    return this.decide(caller, reviewId, 'refused', request);
  }

  private async decide(
    { programId, actor }: Caller,
    reviewId: string,
    verdict: Verdict,
    { reason }: ReviewRulingRequest,
  ): Promise<object> {
    const at = await this.programs.presentOf(programId, this.clock.now(programId));
    const decision =
      at &&
      (await this.reviews.decide(
        programId,
        reviewId,
        { verdict, reason, by: actor, at },
        (tx, review, program) =>
          ruleOnReview(tx, review, program, (trigger, rules) => this.failures.count(trigger, rules)),
      ));
    if (!decision) throw new Problem(404, 'not_found', { detail: 'there is no such review' });
    if (!decision.accepted) throw problemOf(decision.rejection);
    return reviewBody(decision.value);
  }
}

const problems = {
  already_decided: ({ state }: { state: Verdict }) =>
    new Problem(409, 'already_decided', { detail: `this review was ${state}`, facts: { state } }),
} satisfies {
  [Code in ReviewRejection['code']]: (rejection: Extract<ReviewRejection, { code: Code }>) => Problem;
};

function problemOf(rejection: ReviewRejection): Problem {
  return problems[rejection.code](rejection);
}
