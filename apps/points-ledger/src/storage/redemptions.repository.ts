import { Injectable } from '@nestjs/common';
import { Database, violatedConstraint, type Queryable, type Transaction } from '@kizuna/database';
import { formatInstant, type Instant, type Points } from '@kizuna/kernel';

/** What was decided under a redemption id, for ever. */
export interface DecidedRedemption {
  readonly programId: string;
  readonly redemptionId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly units: Points;
  readonly orderId: string | undefined;
  readonly reason: string | undefined;
  /** Of what was asked: tells a repetition from another question under the same id. */
  readonly requestHash: string;
  /** The body of the answer; of a refusal, its code and facts. */
  readonly answer: Readonly<Record<string, unknown>>;
  readonly refusal: string | undefined;
  readonly transferId: string | undefined;
  readonly split: readonly { readonly lotId: string; readonly units: Points }[] | undefined;
  readonly decidedAt: Instant;
  readonly actor: string;
}

/** What is remembered of one, as a later asker needs it. */
export interface RememberedRedemption {
  readonly redemptionId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly units: number;
  readonly requestHash: string;
  readonly answer: Readonly<Record<string, unknown>>;
  readonly refusal: string | undefined;
  readonly decidedAt: string;
}

interface RedemptionRow extends Record<string, unknown> {
  redemption_id: string;
  member_id: string;
  wallet: string;
  units: string;
  request_hash: string;
  answer: Record<string, unknown>;
  refusal: string | null;
  decided_at: Date;
}

/** Another request with the same id was decided first, for another wallet. */
export function isDecidedAlready(error: unknown): boolean {
  return violatedConstraint(error) === 'redemption_pkey';
}

@Injectable()
export class RedemptionsRepository {
  constructor(private readonly database: Database) {}

  async find(
    programId: string,
    redemptionId: string,
    on: Queryable = this.database,
  ): Promise<RememberedRedemption | undefined> {
    const [row] = await on.query<RedemptionRow>(
      {
        name: 'find-redemption',
        text: `SELECT redemption_id, member_id, wallet, units, request_hash, answer, refusal, decided_at FROM redemption
               WHERE program_id = $1 AND redemption_id = $2`,
      },
      [programId, redemptionId],
    );
    return row && rememberedOf(row);
  }

  async insert(tx: Transaction, decided: DecidedRedemption): Promise<void> {
    const split = decided.split?.map(({ lotId, units }) => ({ lot_id: lotId, units }));
    await tx.query(
      {
        name: 'insert-redemption',
        text: `INSERT INTO redemption (program_id, redemption_id, member_id, wallet, units, order_id, reason, request_hash,
                                       answer, refusal, transfer_id, split, decided_at, actor)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      },
      [
        decided.programId,
        decided.redemptionId,
        decided.memberId,
        decided.wallet,
        decided.units,
        decided.orderId ?? null,
        decided.reason ?? null,
        decided.requestHash,
        JSON.stringify(decided.answer),
        decided.refusal ?? null,
        decided.transferId ?? null,
        split ? JSON.stringify(split) : null,
        new Date(decided.decidedAt),
        decided.actor,
      ],
    );
  }
}

function rememberedOf(row: RedemptionRow): RememberedRedemption {
  return {
    redemptionId: row.redemption_id,
    memberId: row.member_id,
    wallet: row.wallet,
    units: Number(row.units),
    requestHash: row.request_hash,
    answer: row.answer,
    refusal: row.refusal ?? undefined,
    decidedAt: formatInstant(row.decided_at.getTime() as Instant),
  };
}
