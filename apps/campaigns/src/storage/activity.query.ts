import { Injectable } from '@nestjs/common';
import { Database } from '@kizuna/database';
import type { AwardRecord } from './purchases.query.js';
import type { ClawbackColumn } from './orders.repository.js';

/** A place in what happened to a member: newest first, at one time by id. */
export interface Place {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
}

interface Happened extends Record<string, unknown> {
  readonly occurred_at: Date;
}

export interface BoughtRow extends Happened {
  readonly order_id: string;
  readonly state: string;
  readonly currency: string;
  readonly lines: readonly (readonly [lineId: string, paid: number, eligible: number])[];
}

export interface RefundRow extends Happened {
  readonly order_id: string;
  readonly refund_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly currency: string;
  readonly amounts: Readonly<Record<string, unknown>>;
  readonly clawbacks: ClawbackColumn[] | null;
}

export interface DidRow extends Happened {
  readonly engagement_id: string;
  readonly activity: string;
  readonly state: string;
}

export interface ReviewedRow extends Happened {
  readonly review_id: string;
  readonly reason: string;
  readonly state: string;
  readonly decided_at: Date | null;
  readonly decision_reason: string | null;
}

export interface ConflictRow extends Happened {
  readonly event_id: string;
  readonly data_hash: string;
  readonly received_at: Date;
}

export interface MemberActivity {
  readonly purchases: readonly BoughtRow[];
  readonly refunds: readonly RefundRow[];
  readonly engagements: readonly DidRow[];
  readonly awards: readonly (AwardRecord & Happened)[];
  readonly reviews: readonly ReviewedRow[];
  readonly conflicts: readonly ConflictRow[];
}

/**
 * What happened to a member, from every table that knows of it. Of each kind all rows at the time of the place are read, of
 * which some may be behind it, and those of the times before it, the last of them whole: what lies at one time is told
 * apart by ids that are made of several columns.
 */
@Injectable()
export class ActivityQuery {
  constructor(private readonly database: Database) {}

  async before(
    programId: string,
    memberId: string,
    limit: number,
    place: Place | undefined,
  ): Promise<MemberActivity> {
    const read = <Row extends Happened>(table: string, columns: string, and = ''): Promise<Row[]> =>
      this.database.query<Row>(
        `SELECT ${columns} FROM ${table} WHERE program_id = $1 AND member_id = $2 AND occurred_at = $3 ${and}
         UNION ALL
         (SELECT ${columns} FROM ${table} WHERE program_id = $1 AND member_id = $2 AND occurred_at < $3 ${and}
          ORDER BY occurred_at DESC FETCH FIRST ($4) ROWS WITH TIES)`,
        [programId, memberId, place ? new Date(place.at) : 'infinity', limit],
      );
    const [purchases, refunds, engagements, awards, reviews, conflicts, others] = await Promise.all([
      read<BoughtRow>('purchase', 'order_id, state, currency, occurred_at, lines'),
      read<RefundRow>(
        'refund',
        'order_id, refund_id, state, reason, currency, occurred_at, amounts, clawbacks',
      ),
      read<DidRow>('engagement', 'engagement_id, activity, state, occurred_at'),
      this.awards(programId, memberId, limit, place),
      read<ReviewedRow>('review', 'review_id, reason, state, occurred_at, decided_at, decision_reason'),
      read<ConflictRow>('purchase_conflict', 'event_id, data_hash, occurred_at, received_at'),
      read<ConflictRow>('engagement_conflict', 'event_id, data_hash, occurred_at, received_at'),
    ]);
    return { purchases, refunds, engagements, awards, reviews, conflicts: [...conflicts, ...others] };
  }

  /** Award ids begin with the milliseconds of their time, and their index is the one that lists them. */
  private awards(
    programId: string,
    memberId: string,
    limit: number,
    place: Place | undefined,
  ): Promise<(AwardRecord & Happened)[]> {
    const last = place
      ? `${idTime(place.at)}-ffff-ffff-ffffffffffff`
      : 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    const first = place ? `${idTime(place.at)}-0000-0000-000000000000` : last;
    return this.database.query<AwardRecord & Happened>(
      `SELECT * FROM award WHERE program_id = $1 AND member_id = $2 AND award_id BETWEEN $3::uuid AND $4::uuid
       UNION ALL
       (SELECT * FROM award WHERE program_id = $1 AND member_id = $2 AND award_id < $3::uuid
        ORDER BY award_id DESC LIMIT $5)`,
      [programId, memberId, first, last, limit],
    );
  }
}

function idTime(at: number): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
