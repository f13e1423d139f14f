import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '@kizuna/database';
import { instant, type Decision } from '@kizuna/kernel';
import { appendToOutbox, type OutgoingEvent } from '@kizuna/messaging';
import type { ProgramRules } from '../domain/program-rules.js';
import { decideReview, type Review, type ReviewRejection, type ReviewRuling } from '../domain/review.js';
import { ProgramsRepository } from './programs.repository.js';

interface ReviewRow extends Record<string, unknown> {
  program_id: string;
  review_id: string;
  kind: Review['kind'];
  business_ref: string;
  refund_id: string | null;
  member_id: string | null;
  reason: Review['reason'];
  occurred_at: Date;
  opened_at: Date;
  state: Review['state'];
  decided_at: Date | null;
  decided_by: string | null;
  decision_reason: string | null;
}

/** What has to be looked at, and what becomes of it once somebody has. */
@Injectable()
export class ReviewsRepository {
  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
  ) {}

  /** The one that waits longest first. */
  async list(
    programId: string,
    state: Review['state'] | undefined,
    limit: number,
    after?: { openedAt: string; reviewId: string },
  ): Promise<Review[]> {
    const rows = await this.database.query<ReviewRow>(
      `SELECT * FROM review
       WHERE program_id = $1 AND ($2::text IS NULL OR state = $2)
         AND ($3::timestamptz IS NULL OR (opened_at, review_id) > ($3, $4))
       ORDER BY opened_at, review_id LIMIT $5`,
      [programId, state ?? null, after?.openedAt ?? null, after?.reviewId ?? '', limit],
    );
    return rows.map(reviewOf);
  }

  async find(programId: string, reviewId: string): Promise<Review | undefined> {
    return findReview(this.database, programId, reviewId, '');
  }

  /**
   * Ends a review with all that follows from it, in one transaction: awards or clawbacks, their events, who decided. Two
   * that decide at once come one after the other at the row of the review. Undefined when there is no such review.
   */
  async decide(
    programId: string,
    reviewId: string,
    ruling: ReviewRuling,
    follow: (tx: Transaction, review: Review, program: ProgramRules) => Promise<OutgoingEvent[]>,
  ): Promise<Decision<Review, ReviewRejection> | undefined> {
    return this.database.transaction(async (tx) => {
      const review = await findReview(tx, programId, reviewId, 'FOR UPDATE');
      const program = review && (await this.programs.rulesOf(programId, tx));
      if (!review || !program) return undefined;
      const decision = decideReview(review, ruling);
      if (!decision.accepted || decision.value === review) return decision;
      await tx.query(
        `UPDATE review SET state = $3, decided_at = $4, decided_by = $5, decision_reason = $6
         WHERE program_id = $1 AND review_id = $2`,
        [programId, reviewId, ruling.verdict, new Date(ruling.at), ruling.by, ruling.reason],
      );
      await appendToOutbox(tx, '/campaigns', await follow(tx, decision.value, program));
      return decision;
    });
  }
}

async function findReview(
  on: Queryable,
  programId: string,
  reviewId: string,
  lock: 'FOR UPDATE' | '',
): Promise<Review | undefined> {
  const [row] = await on.query<ReviewRow>(
    `SELECT * FROM review WHERE program_id = $1 AND review_id = $2 ${lock}`,
    [programId, reviewId],
  );
  return row && reviewOf(row);
}

function reviewOf(row: ReviewRow): Review {
  return {
    programId: row.program_id,
    reviewId: row.review_id,
    kind: row.kind,
    businessRef: row.business_ref,
    refundId: row.refund_id ?? undefined,
    memberId: row.member_id,
    reason: row.reason,
    occurredAt: instant(row.occurred_at),
    openedAt: instant(row.opened_at),
    state: row.state,
    decidedAt: row.decided_at ? instant(row.decided_at) : undefined,
    decidedBy: row.decided_by ?? undefined,
    decisionReason: row.decision_reason ?? undefined,
  };
}
