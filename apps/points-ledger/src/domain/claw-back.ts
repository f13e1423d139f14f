import { deterministicId, invariant, points, type Instant, type Points } from '@kizuna/kernel';
import { move, type Lot, type Transfer, type Wallet } from './wallet.js';

export interface Clawback {
  readonly awardId: string;
  /** Cumulative: what all refunds so far take back of the award. */
  readonly total: Points;
  readonly businessRef: string;
  readonly causeEventId: string;
  readonly occurredAt: Instant;
}

/**
 * Takes back the difference between the cumulative total and what was taken before, from the award's own lot. Undefined
 * when there is nothing more to take: a repetition, or an older total that came late.
 */
export function clawBack(
  wallet: Wallet,
  lot: Lot,
  { awardId, total, businessRef, causeEventId, occurredAt }: Clawback,
): { readonly wallet: Wallet; readonly lot: Lot; readonly transfer: Transfer } | undefined {
  const amount = points(total - lot.clawedBack);
  if (amount <= 0) return undefined;
  invariant(total <= lot.amount, `a clawback of ${total} is above its award ${awardId} of ${lot.amount}`);
  // Nothing spends from a lot in this version, so its own units are always enough; other sources and debt come later.
  invariant(
    amount <= lot.remaining,
    `lot ${awardId} has ${lot.remaining} left, ${amount} are to be taken back`,
  );

  const account = lot.isPending ? 'pending' : 'available';
  const moved = move(wallet, account, -amount);
  const after: Wallet = { ...moved, clawedBackTotal: points(wallet.clawedBackTotal + amount) };
  return {
    wallet: after,
    lot: { ...lot, remaining: points(lot.remaining - amount), clawedBack: total },
    transfer: {
      transferId: deterministicId(occurredAt, wallet.programId, awardId, total, 'lot'),
      kind: 'clawback',
      debit: account,
      credit: 'clawed_back',
      amount,
      lotId: awardId,
      businessRef,
      origin: lot.origin,
      funding: lot.funding,
      causeEventId,
      effectiveAt: occurredAt,
      after,
    },
  };
}
