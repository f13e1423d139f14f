import { Injectable } from '@nestjs/common';
import type { WalletSettings } from '@kizuna/contracts';
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
  /** What changes by itself: sums of open lots by the time of their release, or expiry; the earliest first. */
  readonly dates:
    readonly { readonly is_pending: boolean; readonly at: string; readonly amount: number }[] | null;
  /** Of the program's settings, where they have come. */
  readonly wallet_settings: readonly WalletSettings[] | null;
}

export interface LotRecord {
  readonly lot_id: string;
  readonly amount: string;
  readonly remaining: string;
  readonly redeemed: string;
  readonly expired: string;
  readonly debt_offset: string;
  readonly is_pending: boolean;
  readonly occurred_at: Date;
  readonly release_at: Date | null;
  readonly expires_at: Date | number;
  readonly origin: string;
  readonly business_ref: string;
  readonly rule: string | null;
  readonly rule_label: string | null;
  readonly rule_label_ja: string | null;
}

/** Balances; every one of them within one program. */
@Injectable()
export class WalletsQuery {
  constructor(private readonly database: Database) {}

  async wallets(programId: string, memberId: string): Promise<WalletRecord[]> {
    return this.database.query<WalletRecord & Record<string, unknown>>(
      {
        name: 'read-wallets',
        text: `SELECT w.wallet, w.pending, w.available, w.held, w.debt, w.awarded_total, w.clawed_back_total, w.seq,
                      w.moved_at, d.dates,
                      (SELECT p.settings->'wallets' FROM program p WHERE p.program_id = $1) AS wallet_settings
               FROM wallet w
               LEFT JOIN LATERAL (
                 SELECT json_agg(json_build_object('is_pending', is_pending, 'at', at, 'amount', amount) ORDER BY at) AS dates
                 FROM (
                   SELECT is_pending, CASE WHEN is_pending THEN release_at ELSE expires_at END AS at,
                          sum(remaining) AS amount
                   FROM lot l
                   WHERE l.program_id = w.program_id AND l.member_id = w.member_id AND l.wallet = w.wallet
                     AND l.is_open AND (l.is_pending OR l.expires_at < 'infinity')
                   GROUP BY 1, 2
                 ) AS sums
               ) AS d ON true
               WHERE w.program_id = $1 AND w.member_id = $2 ORDER BY w.wallet`,
      },
      [programId, memberId],
    );
  }

  /** Lots with units left, in the order in which they burn. */
  async lots(programId: string, memberId: string, wallet: string): Promise<LotRecord[]> {
    return this.database.query<LotRecord & Record<string, unknown>>(
      `SELECT * FROM lot WHERE program_id = $1 AND member_id = $2 AND wallet = $3 AND is_open
       ORDER BY priority, expires_at, occurred_at, lot_id`,
      [programId, memberId, wallet],
    );
  }
}
