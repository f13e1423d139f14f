import { deterministicId, points, type Instant } from '@kizuna/kernel';
import { accountOf, book, type Lot, type Transfer, type Wallet } from './wallet.js';

/** Goodwill is a present: it does not pay off what a member owes. */
const KEPT_WHOLE: ReadonlySet<string> = new Set(['goodwill']);

/** Units that become usable pay off the debt of their wallet first. Undefined when there is nothing to pay. */
export function offsetDebt(
  wallet: Wallet,
  lot: Lot,
  at: Instant,
  causeEventId: string,
): { readonly lot: Lot; readonly transfer: Transfer } | undefined {
  const amount = points(Math.min(wallet.debt, lot.remaining));
  if (amount <= 0 || KEPT_WHOLE.has(lot.origin)) return undefined;
  return {
    lot: { ...lot, remaining: points(lot.remaining - amount), debtOffset: points(lot.debtOffset + amount) },
    transfer: book(wallet, {
      transferId: deterministicId(at, wallet.programId, lot.lotId, 'debt_offset'),
      kind: 'debt_offset',
      debit: accountOf(lot),
      credit: 'debt',
      amount,
      lotId: lot.lotId,
      businessRef: lot.businessRef,
      origin: lot.origin,
      funding: lot.funding,
      causeEventId,
      effectiveAt: at,
    }),
  };
}
