import { Injectable } from '@nestjs/common';
import { textArray, uuidArray, type Transaction } from '@kizuna/database';
import { instant, points } from '@kizuna/kernel';
import { walletName, type LedgerState, type Posting } from '../domain/post-chunk.js';
import type { Lot, Wallet } from '../domain/wallet.js';

interface WalletRow extends Record<string, unknown> {
  program_id: string;
  member_id: string;
  wallet: string;
  pending: string;
  available: string;
  held: string;
  debt: string;
  awarded_total: string;
  clawed_back_total: string;
  seq: string;
}

interface LotRow extends Record<string, unknown> {
  program_id: string;
  member_id: string;
  wallet: string;
  lot_id: string;
  amount: string;
  remaining: string;
  clawed_back: string;
  is_pending: boolean;
  occurred_at: Date;
  release_at: Date | null;
  expires_at: Date | number;
  origin: string;
  funding: string;
  business_ref: string;
}

/** Reads and locks what a chunk touches. One lock order everywhere: position, wallets by key, lots by key. */
@Injectable()
export class LedgerRepository {
  async lock(tx: Transaction, postings: readonly Posting[]): Promise<LedgerState> {
    const wallets = await this.lockWallets(tx, postings);
    const posted = await this.postedAwards(tx, postings);
    const lots = await this.lockLots(tx, postings);
    return { wallets, posted, lots };
  }

  private async lockWallets(tx: Transaction, postings: readonly Posting[]): Promise<Map<string, Wallet>> {
    const addresses = [...new Map(postings.map((posting) => [walletName(posting), posting])).values()];
    const rows = await tx.query<WalletRow>(
      {
        name: 'lock-wallets',
        text: `SELECT w.program_id, w.member_id, w.wallet, w.pending, w.available, w.held, w.debt, w.awarded_total,
                      w.clawed_back_total, w.seq
               FROM wallet w
               WHERE (w.program_id, w.member_id, w.wallet) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
               ORDER BY w.program_id, w.member_id, w.wallet FOR UPDATE`,
      },
      addressColumns(addresses),
    );
    const wallets = rows.map(walletOf);
    return new Map(wallets.map((wallet) => [walletName(wallet), wallet]));
  }

  /** One index probe per award into the one partition that its time names. */
  private async postedAwards(tx: Transaction, postings: readonly Posting[]): Promise<Set<string>> {
    const ids = postings.flatMap((posting) => (posting.kind === 'award' ? [posting.award.awardId] : []));
    if (ids.length === 0) return new Set();
    const rows = await tx.query<{ transfer_id: string }>(
      {
        name: 'posted-awards',
        text: `SELECT t.transfer_id FROM unnest($1::uuid[]) AS n (id)
               CROSS JOIN LATERAL (SELECT transfer_id FROM transfer WHERE transfer_id = n.id LIMIT 1) t`,
      },
      [uuidArray(ids)],
    );
    return new Set(rows.map(({ transfer_id }) => transfer_id));
  }

  private async lockLots(tx: Transaction, postings: readonly Posting[]): Promise<Map<string, Lot>> {
    const clawbacks = postings.filter((posting) => posting.kind === 'clawback');
    if (clawbacks.length === 0) return new Map();
    const rows = await tx.query<LotRow>(
      {
        name: 'lock-lots',
        text: `SELECT l.* FROM lot l
               WHERE (l.program_id, l.member_id, l.wallet, l.lot_id)
                     IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]))
               ORDER BY l.program_id, l.member_id, l.wallet, l.priority, l.expires_at, l.occurred_at, l.lot_id FOR UPDATE`,
      },
      [...addressColumns(clawbacks), uuidArray(clawbacks.map(({ clawback }) => clawback.awardId))],
    );
    return new Map(rows.map((row) => [row.lot_id, lotOf(row)]));
  }
}

function addressColumns(
  addresses: readonly { programId: string; memberId: string; wallet: string }[],
): unknown[] {
  return [
    textArray(addresses.map(({ programId }) => programId)),
    textArray(addresses.map(({ memberId }) => memberId)),
    textArray(addresses.map(({ wallet }) => wallet)),
  ];
}

function walletOf(row: WalletRow): Wallet {
  return {
    programId: row.program_id,
    memberId: row.member_id,
    wallet: row.wallet,
    pending: points(Number(row.pending)),
    available: points(Number(row.available)),
    held: points(Number(row.held)),
    debt: points(Number(row.debt)),
    awardedTotal: points(Number(row.awarded_total)),
    clawedBackTotal: points(Number(row.clawed_back_total)),
    seq: Number(row.seq),
  };
}

function lotOf(row: LotRow): Lot {
  return {
    programId: row.program_id,
    memberId: row.member_id,
    wallet: row.wallet,
    lotId: row.lot_id,
    amount: points(Number(row.amount)),
    remaining: points(Number(row.remaining)),
    clawedBack: points(Number(row.clawed_back)),
    isPending: row.is_pending,
    occurredAt: instant(row.occurred_at),
    releaseAt: row.release_at ? instant(row.release_at) : undefined,
    // The driver reads 'infinity' as a number.
    expiresAt: row.expires_at instanceof Date ? instant(row.expires_at) : undefined,
    origin: row.origin,
    funding: row.funding,
    businessRef: row.business_ref,
  };
}
