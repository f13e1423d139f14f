import { Controller, Get, Param, Query } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { formatInstant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, pageOf, pageRequest, Problem, type Caller, type Page } from '@kizuna/service';
import type { Review } from '../../domain/review.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { ReviewsRepository } from '../../storage/reviews.repository.js';
import { noParameters, OnlyParameters, type Parameters } from '../../wire/only-parameters.js';
import { reviewBody } from '../../wire/review-body.js';
import { wouldGive } from './would-give.js';

const STATES: readonly string[] = ['open', 'released', 'refused'] satisfies Review['state'][];
const listParameters = new OnlyParameters('state', 'limit', 'cursor');
const isState = (text: string): text is Review['state'] => STATES.includes(text);

/** What somebody has to look at, the one that waits longest first, and what was decided. */
@Controller('v1/reviews')
export class ReadReviewsController {
  constructor(
    private readonly reviews: ReviewsRepository,
    private readonly programs: ProgramsRepository,
    private readonly database: Database,
  ) {}

  @Get()
  @NeedsScope('reviews:write')
  async list(
    @AsCaller() { programId }: Caller,
    @Query(listParameters) { state, limit, cursor }: Parameters<'state' | 'limit' | 'cursor'>,
  ): Promise<Page<object>> {
    if (state !== undefined && !isState(state))
      throw new Problem(400, 'invalid_request', { detail: `state is one of ${STATES.join(', ')}` });
    const scope = `reviews ${programId} ${state ?? ''}`;
    const page = pageRequest(scope, 2, { limit, cursor });
    const [openedAt = '', reviewId = ''] = page.after ?? [];
    const after = page.after ? { openedAt, reviewId } : undefined;
    const rows = await this.reviews.list(programId, state, page.limit + 1, after);
    return pageOf(scope, rows, page.limit, {
      key: (row: Review) => [formatInstant(row.openedAt), row.reviewId],
      item: reviewBody,
    });
  }

  @Get(':reviewId')
  @NeedsScope('reviews:write')
  async read(
    @AsCaller() { programId }: Caller,
    @Param('reviewId') reviewId: string,
    @Query(noParameters) _none: object,
  ): Promise<object> {
    const review = await this.reviews.find(programId, reviewId);
    const program = review && (await this.programs.rulesOf(programId));
    if (!review || !program) throw new Problem(404, 'not_found', { detail: 'there is no such review' });
    const would_give = await wouldGive(this.database, review, program);
    return { ...reviewBody(review), ...(would_give ? { would_give } : {}) };
  }
}
