import type { Instant, Points } from '@kizuna/kernel';
import { offsetDebt } from './offset-debt.js';
import { book, ZERO_POINTS, type Lot, type Transfer, type Wallet } from './wallet.js';

export interface GrantedAward {
  readonly awardId: string;
  readonly amount: Points;
  readonly businessRef: string;
  readonly origin: string;
  readonly funding: string;
  readonly rule: string | undefined;
  readonly ruleLabel: string | undefined;
  readonly ruleLabelJa: string | undefined;
  readonly causeEventId: string;
  readonly occurredAt: Instant;
  readonly releaseAt: Instant | undefined;
  readonly expiresAt: Instant | undefined;
}

/**
 * An award becomes a lot and one transfer: issued → available, or → pending while it waits for its release. What is
 * available at once pays off debt at once. A release that is due already is the next settling's to post.
 */
export function postAward(
  wallet: Wallet,
  award: GrantedAward,
): { readonly wallet: Wallet; readonly lot: Lot; readonly transfers: readonly Transfer[] } {
  const isPending = award.releaseAt !== undefined;
  const { programId, memberId } = wallet;
  const lot: Lot = {
    programId,
    memberId,
    wallet: wallet.wallet,
    lotId: award.awardId,
    priority: 0,
    amount: award.amount,
    remaining: award.amount,
    redeemed: ZERO_POINTS,
    expired: ZERO_POINTS,
    debtOffset: ZERO_POINTS,
    clawedBack: ZERO_POINTS,
    isPending,
    occurredAt: award.occurredAt,
    releaseAt: award.releaseAt,
    expiresAt: award.expiresAt,
    origin: award.origin,
    funding: award.funding,
    businessRef: award.businessRef,
    rule: award.rule,
    ruleLabel: award.ruleLabel,
    ruleLabelJa: award.ruleLabelJa,
  };
  const transfer = book(wallet, {
    transferId: award.awardId,
    kind: 'award',
    debit: 'issued',
    credit: isPending ? 'pending' : 'available',
    amount: award.amount,
    lotId: award.awardId,
    businessRef: award.businessRef,
    origin: award.origin,
    funding: award.funding,
    causeEventId: award.causeEventId,
    effectiveAt: award.occurredAt,
  });
  const offset = isPending
    ? undefined
    : offsetDebt(transfer.after, lot, award.occurredAt, award.causeEventId);
  return offset
    ? { wallet: offset.transfer.after, lot: offset.lot, transfers: [transfer, offset.transfer] }
    : { wallet: transfer.after, lot, transfers: [transfer] };
}
