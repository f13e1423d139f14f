import { Injectable } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { instant } from '@kizuna/kernel';
import type { RedemptionRejection } from '../domain/redeem.js';
import type { StatementAward, StatementFacts } from '../domain/statement-line.js';
import type { TransferKind } from '../domain/wallet.js';
import { ProgramsRepository } from './programs.repository.js';

interface TransferRow extends Record<string, unknown> {
  readonly transfer_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly seq: string;
  readonly kind: TransferKind;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly lot_id: string | null;
  readonly business_ref: string;
  readonly origin: string;
  readonly funding: string;
  readonly pending: string;
  readonly available: string;
  readonly held: string;
  readonly debt: string;
  readonly effective_at: Date;
  readonly recorded_at: Date;
}

/** A transfer with what a sentence about it needs. */
export interface TransferRecord extends TransferRow {
  readonly facts: StatementFacts;
}

export interface RefusedRedemptionRecord {
  readonly redemption_id: string;
  readonly wallet: string;
  readonly units: string;
  readonly order_id: string | null;
  readonly answer: RedemptionRejection;
  readonly decided_at: Date;
}

/** A place in a list that is ordered by time and id, newest first. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

interface RedemptionRow extends Record<string, unknown> {
  redemption_id: string;
  order_id: string | null;
  reason: string | null;
}

interface AwardRow extends Record<string, unknown> {
  lot_id: string;
  business_ref: string;
  origin: string;
  rule: string | null;
  rule_label: string | null;
  rule_label_ja: string | null;
  release_at: Date | null;
  expires_at: Date | number;
}

/** What moved wallets, and what was refused; every question within one program. */
@Injectable()
export class StatementQuery {
  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
  ) {}

  /** Newest first. `before` is the `seq` of the last one seen. */
  async transfers(
    programId: string,
    memberId: string,
    wallet: string,
    limit: number,
    before?: string,
  ): Promise<TransferRecord[]> {
    const rows = await this.database.query<TransferRow>(
      `SELECT * FROM transfer
       WHERE program_id = $1 AND member_id = $2 AND wallet = $3 AND ($4::bigint IS NULL OR seq < $4::bigint)
       ORDER BY seq DESC LIMIT $5`,
      [programId, memberId, wallet, before ?? null, limit],
    );
    return this.withFacts(programId, rows);
  }

  async transfer(programId: string, transferId: string): Promise<TransferRecord | undefined> {
    const rows = await this.database.query<TransferRow>(
      'SELECT * FROM transfer WHERE transfer_id = $1 AND program_id = $2',
      [transferId, programId],
    );
    return (await this.withFacts(programId, rows))[0];
  }

  /** Of all wallets of a member, by the time at which they count. No index has this order: the member's own are sorted. */
  async transfersBefore(
    programId: string,
    memberId: string,
    limit: number,
    before: Place | undefined,
  ): Promise<TransferRecord[]> {
    const rows = await this.database.query<TransferRow>(
      `SELECT * FROM transfer
       WHERE program_id = $1 AND member_id = $2
         AND ($3::timestamptz IS NULL OR (effective_at, transfer_id::text COLLATE "C") < ($3, $4::text COLLATE "C"))
       ORDER BY effective_at DESC, transfer_id::text COLLATE "C" DESC LIMIT $5`,
      [programId, memberId, before ? new Date(before.at) : null, before?.id ?? null, limit],
    );
    return this.withFacts(programId, rows);
  }

  async refusalsBefore(
    programId: string,
    memberId: string,
    limit: number,
    before: Place | undefined,
  ): Promise<RefusedRedemptionRecord[]> {
    return this.database.query<RefusedRedemptionRecord & Record<string, unknown>>(
      `SELECT redemption_id, wallet, units, order_id, answer, decided_at FROM redemption
       WHERE program_id = $1 AND member_id = $2 AND refusal IS NOT NULL
         AND ($3::timestamptz IS NULL OR (decided_at, redemption_id COLLATE "C") < ($3, $4::text COLLATE "C"))
       ORDER BY decided_at DESC, redemption_id COLLATE "C" DESC LIMIT $5`,
      [programId, memberId, before ? new Date(before.at) : null, before?.id ?? null, limit],
    );
  }

  private async withFacts(programId: string, rows: readonly TransferRow[]): Promise<TransferRecord[]> {
    if (rows.length === 0) return [];
    const timeZone = (await this.programs.settings(programId))?.time_zone ?? 'UTC';
    const awards = await this.awards(programId, rows);
    const redemptions = await this.redemptions(programId, rows);
    return rows.map((row) => ({
      ...row,
      facts: {
        kind: row.kind,
        debit: row.debit,
        credit: row.credit,
        wallet: row.wallet,
        amount: Number(row.amount),
        businessRef: row.business_ref,
        award: awards.get(row.lot_id ?? ''),
        redemption: redemptions.get(row.kind === 'redemption' ? row.business_ref : ''),
        timeZone,
      },
    }));
  }

  private async awards(
    programId: string,
    rows: readonly TransferRow[],
  ): Promise<Map<string, StatementAward>> {
    const ids = rows.flatMap(({ lot_id }) => (lot_id === null ? [] : [lot_id]));
    const wallets = [...new Set(rows.map(({ wallet }) => wallet))];
    const found = await this.database.query<AwardRow>(
      `SELECT lot_id, business_ref, origin, rule, rule_label, rule_label_ja, release_at, expires_at
       FROM lot
       WHERE program_id = $1 AND member_id = $2 AND wallet = ANY($3) AND lot_id = ANY($4::uuid[])`,
      [programId, rows[0]?.member_id, wallets, [...new Set(ids)]],
    );
    return new Map(
      found.map((row) => [
        row.lot_id,
        {
          businessRef: row.business_ref,
          origin: row.origin,
          rule: row.rule ?? undefined,
          ruleLabel: row.rule_label ?? undefined,
          ruleLabelJa: row.rule_label_ja ?? undefined,
          releaseAt: row.release_at ? instant(row.release_at) : undefined,
          expiresAt: row.expires_at instanceof Date ? instant(row.expires_at) : undefined,
        },
      ]),
    );
  }

  private async redemptions(
    programId: string,
    rows: readonly TransferRow[],
  ): Promise<Map<string, NonNullable<StatementFacts['redemption']>>> {
    const ids = rows.filter(({ kind }) => kind === 'redemption').map(({ business_ref }) => business_ref);
    if (ids.length === 0) return new Map();
    const found = await this.database.query<RedemptionRow>(
      'SELECT redemption_id, order_id, reason FROM redemption WHERE program_id = $1 AND redemption_id = ANY($2)',
      [programId, ids],
    );
    return new Map(
      found.map(({ redemption_id, order_id, reason }) => [
        redemption_id,
        { orderId: order_id ?? undefined, reason: reason ?? undefined },
      ]),
    );
  }
}
