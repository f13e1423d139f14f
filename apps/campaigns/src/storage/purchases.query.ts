import { Injectable } from '@nestjs/common';
import type { PurchaseCompleted } from '@kizuna/contracts';
import { Database, type Queryable } from '@kizuna/database';
import type { KnownColumn } from './known-column.js';
import type { ReviewReason } from '../domain/order.js';

export interface PurchaseRecord {
  readonly order_id: string;
  readonly state: 'awaited' | 'decided' | 'review' | 'refused';
  readonly review_reason: ReviewReason | null;
  readonly member_id: string | null;
  readonly currency: string | null;
  readonly occurred_at: Date | null;
  readonly received_at: Date | null;
  readonly rule_set_revision: number | null;
  readonly settings_revision: number | null;
  readonly known: KnownColumn | null;
  readonly lines: readonly (readonly [lineId: string, paid: number, eligible: number])[] | null;
  readonly facts: PurchaseCompleted | null;
}

export interface AwardRecord {
  readonly award_id: string;
  readonly kind: string;
  readonly business_ref: string;
  readonly member_id: string;
  readonly rule: string;
  readonly rule_version: number;
  readonly wallet: string;
  readonly amount: string;
  readonly clawback_total: string;
  readonly lines: readonly string[];
  readonly occurred_at: Date;
  readonly decided_at: Date;
  readonly release_at: Date | null;
  readonly expires_at: Date | null;
}

export interface RefundRecord {
  readonly refund_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly over_minor: string;
  readonly occurred_at: Date;
  readonly received_at: Date;
}

export interface ConflictRecord {
  readonly event_id: string;
  readonly received_at: Date;
}

export interface WholePurchase {
  readonly purchase: PurchaseRecord;
  readonly refunds: readonly RefundRecord[];
  readonly awards: readonly AwardRecord[];
  readonly conflicts: readonly ConflictRecord[];
}

/** Reads of what was decided; every one of them within one program. */
@Injectable()
export class PurchasesQuery {
  constructor(private readonly database: Database) {}

  /** An order with all that belongs to it, as it was at one moment: a refund never without what it took back. */
  async whole(programId: string, orderId: string): Promise<WholePurchase | undefined> {
    return this.database.snapshot(async (on) => {
      const [purchase] = await on.query<PurchaseRecord & Record<string, unknown>>(
        `SELECT order_id, state, review_reason, member_id, currency, occurred_at, received_at, rule_set_revision,
                settings_revision, known, lines, facts
         FROM purchase WHERE program_id = $1 AND order_id = $2`,
        [programId, orderId],
      );
      if (!purchase) return undefined;
      const refunds = await on.query<RefundRecord & Record<string, unknown>>(
        `SELECT refund_id, state, reason, over_minor, occurred_at, received_at
         FROM refund WHERE program_id = $1 AND order_id = $2 ORDER BY arrival, refund_id`,
        [programId, orderId],
      );
      const conflicts = await on.query<ConflictRecord & Record<string, unknown>>(
        `SELECT event_id, received_at FROM purchase_conflict
         WHERE program_id = $1 AND order_id = $2 ORDER BY received_at, event_id`,
        [programId, orderId],
      );
      return { purchase, refunds, conflicts, awards: await this.awardsOfOrder(programId, orderId, on) };
    });
  }

  async awardsOfOrder(
    programId: string,
    orderId: string,
    on: Queryable = this.database,
  ): Promise<AwardRecord[]> {
    return on.query<AwardRecord & Record<string, unknown>>(
      `SELECT * FROM award WHERE program_id = $1 AND kind = 'purchase' AND business_ref = $2 ORDER BY wallet, rule`,
      [programId, orderId],
    );
  }

  async awardsOfEngagement(programId: string, engagementId: string, on: Queryable): Promise<AwardRecord[]> {
    return on.query<AwardRecord & Record<string, unknown>>(
      `SELECT * FROM award WHERE program_id = $1 AND kind = 'engagement' AND business_ref = $2 ORDER BY wallet, rule`,
      [programId, engagementId],
    );
  }

  /** Newest first. `after` is the award id of the last one seen. */
  async awardsOfMember(
    programId: string,
    memberId: string,
    limit: number,
    after?: string,
  ): Promise<AwardRecord[]> {
    return this.database.query<AwardRecord & Record<string, unknown>>(
      `SELECT * FROM award
       WHERE program_id = $1 AND member_id = $2 AND ($3::uuid IS NULL OR award_id < $3::uuid)
       ORDER BY award_id DESC LIMIT $4`,
      [programId, memberId, after ?? null, limit],
    );
  }
}
