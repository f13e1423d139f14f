import type { LotRecord, TransferRecord, WalletRecord } from '../storage/wallets.query.js';

/** A wallet on the wire: the four figures, in units. */
export function walletBody(row: WalletRecord): object {
  return {
    wallet: row.wallet,
    pending: Number(row.pending),
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
    awarded_total: Number(row.awarded_total),
    clawed_back_total: Number(row.clawed_back_total),
    seq: Number(row.seq),
    moved_at: row.moved_at.toISOString(),
  };
}

/** A transfer on the wire: one amount from `debit` to `credit`, and the four figures after it. */
export function transferBody(row: TransferRecord): object {
  return {
    transfer_id: row.transfer_id,
    member_id: row.member_id,
    wallet: row.wallet,
    seq: Number(row.seq),
    kind: row.kind,
    debit: row.debit,
    credit: row.credit,
    amount: Number(row.amount),
    award_id: row.lot_id,
    business_ref: row.business_ref,
    origin: row.origin,
    funding: row.funding,
    after: {
      pending: Number(row.pending),
      available: Number(row.available),
      held: Number(row.held),
      debt: Number(row.debt),
    },
    effective_at: row.effective_at.toISOString(),
    recorded_at: row.recorded_at.toISOString(),
  };
}

/** A lot on the wire; `expires_at` null = never. */
export function lotBody(row: LotRecord): object {
  return {
    award_id: row.lot_id,
    amount: Number(row.amount),
    remaining: Number(row.remaining),
    clawed_back: Number(row.clawed_back),
    pending: row.is_pending,
    occurred_at: row.occurred_at.toISOString(),
    release_at: row.release_at?.toISOString() ?? null,
    expires_at: row.expires_at instanceof Date ? row.expires_at.toISOString() : null,
    origin: row.origin,
    business_ref: row.business_ref,
  };
}
