import { statementLine } from '../domain/statement-line.js';
import { worthOf } from '../domain/unit-value.js';
import type { TransferRecord } from '../storage/statement.query.js';
import type { LotRecord, WalletRecord } from '../storage/wallets.query.js';

/** More dates than these are told by the list of lots. */
const MAX_DATES = 12;

/** A wallet on the wire: the four figures in units, what they are worth, and what changes by itself. */
export function walletBody(row: WalletRecord): object {
  const available = Number(row.available);
  const unitValue = row.wallet_settings?.find(({ wallet }) => wallet === row.wallet)?.unit_value;
  const dates = (row.dates ?? []).map(({ is_pending, at, amount }) => ({
    is_pending,
    at: new Date(at).toISOString(),
    amount: Number(amount),
  }));
  const datesOf = (isPending: boolean): { at: string; amount: number }[] =>
    dates.filter(({ is_pending }) => is_pending === isPending).map(({ at, amount }) => ({ at, amount }));
  return {
    wallet: row.wallet,
    pending: Number(row.pending),
    available,
    held: Number(row.held),
    debt: Number(row.debt),
    ...(unitValue ? { value: worthOf(available, unitValue) } : {}),
    next_release: datesOf(true)[0] ?? null,
    expiring: datesOf(false).slice(0, MAX_DATES),
    awarded_total: Number(row.awarded_total),
    clawed_back_total: Number(row.clawed_back_total),
    seq: Number(row.seq),
    moved_at: row.moved_at.toISOString(),
  };
}

/** A transfer on the wire: one amount from `debit` to `credit`, the figures after it, and a sentence about it. */
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
    rule: row.facts.award?.rule ?? null,
    text: statementLine(row.facts),
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

/** A lot on the wire: what became of its units, and what is left; `expires_at` null = never. */
export function lotBody(row: LotRecord): object {
  const [amount, remaining, redeemed, expired, offset] = [
    row.amount,
    row.remaining,
    row.redeemed,
    row.expired,
    row.debt_offset,
  ].map(Number) as [number, number, number, number, number];
  return {
    award_id: row.lot_id,
    amount,
    remaining,
    redeemed,
    expired,
    debt_offset: offset,
    clawed_back: amount - remaining - redeemed - expired - offset,
    pending: row.is_pending,
    occurred_at: row.occurred_at.toISOString(),
    release_at: row.release_at?.toISOString() ?? null,
    expires_at: row.expires_at instanceof Date ? row.expires_at.toISOString() : null,
    origin: row.origin,
    business_ref: row.business_ref,
    rule: row.rule,
    rule_label: row.rule_label,
    rule_label_ja: row.rule_label_ja,
  };
}
