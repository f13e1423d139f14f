import { points, type Instant, type Points } from '@kizuna/kernel';
import { move, ZERO_POINTS, type Lot, type Transfer, type Wallet } from './wallet.js';

export interface GrantedAward {
  readonly awardId: string;
  readonly amount: Points;
  readonly businessRef: string;
  readonly origin: string;
  readonly funding: string;
  readonly causeEventId: string;
  readonly occurredAt: Instant;
  readonly releaseAt: Instant | undefined;
  readonly expiresAt: Instant | undefined;
}

/** An award becomes a lot and one transfer: issued → available, or → pending while it waits for its release. */
export function postAward(
  wallet: Wallet,
  award: GrantedAward,
): { readonly wallet: Wallet; readonly lot: Lot; readonly transfer: Transfer } {
  const isPending = award.releaseAt !== undefined;
  const account = isPending ? 'pending' : 'available';
  const moved = move(wallet, account, award.amount);
  const after: Wallet = { ...moved, awardedTotal: points(wallet.awardedTotal + award.amount) };
  const { programId, memberId } = wallet;
  return {
    wallet: after,
    lot: {
      programId,
      memberId,
      wallet: wallet.wallet,
      lotId: award.awardId,
      amount: award.amount,
      remaining: award.amount,
      clawedBack: ZERO_POINTS,
      isPending,
      occurredAt: award.occurredAt,
      releaseAt: award.releaseAt,
      expiresAt: award.expiresAt,
      origin: award.origin,
      funding: award.funding,
      businessRef: award.businessRef,
    },
    transfer: {
      transferId: award.awardId,
      kind: 'award',
      debit: 'issued',
      credit: account,
      amount: award.amount,
      lotId: award.awardId,
      businessRef: award.businessRef,
      origin: award.origin,
      funding: award.funding,
      causeEventId: award.causeEventId,
      effectiveAt: award.occurredAt,
      after,
    },
  };
}
