import { Injectable } from '@nestjs/common';
import { Database } from '@kizuna/database';

export interface WalletRecord {
  readonly wallet: string;
  readonly pending: string;
  readonly available: string;
  readonly held: string;
  readonly debt: string;
  readonly awarded_total: string;
  readonly clawed_back_total: string;
  readonly seq: string;
  readonly moved_at: Date;
}

export interface TransferRecord {
  readonly transfer_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly seq: string;
  readonly kind: string;
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

export interface LotRecord {
  readonly lot_id: string;
  readonly amount: string;
  readonly remaining: string;
  readonly clawed_back: string;
  readonly is_pending: boolean;
  readonly occurred_at: Date;
  readonly release_at: Date | null;
  readonly expires_at: Date | number;
  readonly origin: string;
  readonly business_ref: string;
}

/** Reads of the ledger; every one of them within one program. */
@Injectable()
export class WalletsQuery {
  constructor(private readonly database: Database) {}

  async wallets(programId: string, memberId: string): Promise<WalletRecord[]> {
    return this.database.query<WalletRecord & Record<string, unknown>>(
      `SELECT wallet, pending, available, held, debt, awarded_total, clawed_back_total, seq, moved_at
       FROM wallet WHERE program_id = $1 AND member_id = $2 ORDER BY wallet`,
      [programId, memberId],
    );
  }

  /** Newest first. `before` is the `seq` of the last one seen. */
  async transfers(
    programId: string,
    memberId: string,
    wallet: string,
    limit: number,
    before?: string,
  ): Promise<TransferRecord[]> {
    return this.database.query<TransferRecord & Record<string, unknown>>(
      `SELECT * FROM transfer
       WHERE program_id = $1 AND member_id = $2 AND wallet = $3 AND ($4::bigint IS NULL OR seq < $4::bigint)
       ORDER BY seq DESC LIMIT $5`,
      [programId, memberId, wallet, before ?? null, limit],
    );
  }

  async transfer(programId: string, transferId: string): Promise<TransferRecord | undefined> {
    const [row] = await this.database.query<TransferRecord & Record<string, unknown>>(
      'SELECT * FROM transfer WHERE transfer_id = $1 AND program_id = $2',
      [transferId, programId],
    );
    return row;
  }

  /** Lots with units left, in the order in which they burn. */
  async lots(programId: string, memberId: string, wallet: string): Promise<LotRecord[]> {
    return this.database.query<LotRecord & Record<string, unknown>>(
      `SELECT * FROM lot WHERE program_id = $1 AND member_id = $2 AND wallet = $3 AND remaining > 0
       ORDER BY priority, expires_at, occurred_at, lot_id`,
      [programId, memberId, wallet],
    );
  }
}
