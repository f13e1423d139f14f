import { textArray } from '@kizuna/database';
import { instant, points } from '@kizuna/kernel';
import type { WalletAddress } from '../domain/post-chunk.js';
import type { Lot, Wallet } from '../domain/wallet.js';

export interface WalletRow extends Record<string, unknown> {
  program_id: string;
  member_id: string;
  wallet: string;
  pending: string;
  available: string;
  held: string;
  debt: string;
  awarded_total: string;
  clawed_back_total: string;
  last_activity_at: Date | null;
  seq: string;
}

export interface LotRow extends Record<string, unknown> {
  program_id: string;
  member_id: string;
  wallet: string;
  lot_id: string;
  priority: number;
  amount: string;
  remaining: string;
  redeemed: string;
  expired: string;
  debt_offset: string;
  clawed_back: string;
  is_pending: boolean;
  occurred_at: Date;
  release_at: Date | null;
  expires_at: Date | number;
  origin: string;
  funding: string;
  business_ref: string;
  rule: string | null;
  rule_label: string | null;
  rule_label_ja: string | null;
}

export const WALLET_COLUMNS = `w.program_id, w.member_id, w.wallet, w.pending, w.available, w.held, w.debt, w.awarded_total,
  w.clawed_back_total, w.last_activity_at, w.seq`;

/** `$1`, `$2`, `$3` of a statement over wallets. */
export function addressColumns(addresses: readonly WalletAddress[]): unknown[] {
  return [
    textArray(addresses.map(({ programId }) => programId)),
    textArray(addresses.map(({ memberId }) => memberId)),
    textArray(addresses.map(({ wallet }) => wallet)),
  ];
}

export function walletOf(row: WalletRow): Wallet {
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
    lastActivityAt: row.last_activity_at ? instant(row.last_activity_at) : undefined,
    seq: Number(row.seq),
  };
}

export function lotOf(row: LotRow): Lot {
  return {
    programId: row.program_id,
    memberId: row.member_id,
    wallet: row.wallet,
    lotId: row.lot_id,
    priority: row.priority,
    amount: points(Number(row.amount)),
    remaining: points(Number(row.remaining)),
    redeemed: points(Number(row.redeemed)),
    expired: points(Number(row.expired)),
    debtOffset: points(Number(row.debt_offset)),
    clawedBack: points(Number(row.clawed_back)),
    isPending: row.is_pending,
    occurredAt: instant(row.occurred_at),
    releaseAt: row.release_at ? instant(row.release_at) : undefined,
    // The driver reads 'infinity' as a number.
    expiresAt: row.expires_at instanceof Date ? instant(row.expires_at) : undefined,
    origin: row.origin,
    funding: row.funding,
    businessRef: row.business_ref,
    rule: row.rule ?? undefined,
    ruleLabel: row.rule_label ?? undefined,
    ruleLabelJa: row.rule_label_ja ?? undefined,
  };
}
