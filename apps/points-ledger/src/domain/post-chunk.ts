import { invariant } from '@kizuna/kernel';
import { clawBack, type Clawback } from './claw-back.js';
import { postAward, type GrantedAward } from './post-award.js';
import { openWallet, type Lot, type Transfer, type Wallet } from './wallet.js';

interface WalletAddress {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
}

export type Posting =
  | (WalletAddress & { readonly kind: 'award'; readonly award: GrantedAward })
  | (WalletAddress & { readonly kind: 'clawback'; readonly clawback: Clawback });

/** What the ledger knew, locked, before the chunk. */
export interface LedgerState {
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly lots: ReadonlyMap<string, Lot>;
  /** Awards that were posted before. */
  readonly posted: ReadonlySet<string>;
}

/** What the chunk makes of it: to be written as it stands. */
export interface PostedChunk {
  readonly wallets: readonly Wallet[];
  readonly newLots: readonly Lot[];
  readonly changedLots: readonly Lot[];
  readonly transfers: readonly Transfer[];
}

export const walletName = ({ programId, memberId, wallet }: WalletAddress): string =>
  `${programId} ${memberId} ${wallet}`;

/** Posts a chunk in order, in memory. An award that is posted already, before or in the same chunk, has no effect. */
export function postChunk(postings: readonly Posting[], state: LedgerState): PostedChunk {
  const wallets = new Map<string, Wallet>();
  const newLots = new Map<string, Lot>();
  const changedLots = new Map<string, Lot>();
  const transfers: Transfer[] = [];

  for (const posting of postings) {
    const name = walletName(posting);
    const wallet =
      wallets.get(name) ??
      state.wallets.get(name) ??
      openWallet(posting.programId, posting.memberId, posting.wallet);
    if (posting.kind === 'award') {
      const { awardId } = posting.award;
      if (state.posted.has(awardId) || newLots.has(awardId)) continue;
      const done = postAward(wallet, posting.award);
      wallets.set(name, done.wallet);
      newLots.set(awardId, done.lot);
      transfers.push(done.transfer);
      continue;
    }
    const { awardId } = posting.clawback;
    const lot = newLots.get(awardId) ?? changedLots.get(awardId) ?? state.lots.get(awardId);
    invariant(lot, `a clawback follows its award, and ${awardId} was never posted`);
    const done = clawBack(wallet, lot, posting.clawback);
    if (!done) continue;
    wallets.set(name, done.wallet);
    (newLots.has(awardId) ? newLots : changedLots).set(awardId, done.lot);
    transfers.push(done.transfer);
  }
  return {
    wallets: [...wallets.values()],
    newLots: [...newLots.values()],
    changedLots: [...changedLots.values()],
    transfers,
  };
}
