import { invariant, points, type Instant, type Points } from '@kizuna/kernel';

/** The four figures of a wallet, and how many transfers made them. Units. */
export interface Wallet {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly pending: Points;
  readonly available: Points;
  readonly held: Points;
  readonly debt: Points;
  readonly awardedTotal: Points;
  readonly clawedBackTotal: Points;
  readonly seq: number;
}

/** Accounts of a wallet, and system accounts of the program behind it. */
export type WalletAccount = 'pending' | 'available' | 'held' | 'debt';
export type SystemAccount = 'issued' | 'clawed_back';
export type Account = WalletAccount | SystemAccount;

/** The part of a balance that came from one award. */
export interface Lot {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly lotId: string;
  readonly amount: Points;
  readonly remaining: Points;
  readonly clawedBack: Points;
  readonly isPending: boolean;
  readonly occurredAt: Instant;
  readonly releaseAt: Instant | undefined;
  /** undefined = never */
  readonly expiresAt: Instant | undefined;
  readonly origin: string;
  readonly funding: string;
  readonly businessRef: string;
}

/** One immutable double entry, with the figures of the wallet after it. */
export interface Transfer {
  readonly transferId: string;
  readonly kind: 'award' | 'clawback';
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: Points;
  readonly lotId: string;
  readonly businessRef: string;
  readonly origin: string;
  readonly funding: string;
  readonly causeEventId: string;
  readonly effectiveAt: Instant;
  readonly after: Wallet;
}

export const ZERO_POINTS = points(0);

export function openWallet(programId: string, memberId: string, wallet: string): Wallet {
  return {
    programId,
    memberId,
    wallet,
    pending: ZERO_POINTS,
    available: ZERO_POINTS,
    held: ZERO_POINTS,
    debt: ZERO_POINTS,
    awardedTotal: ZERO_POINTS,
    clawedBackTotal: ZERO_POINTS,
    seq: 0,
  };
}

/** Adds to one account of a wallet; a negative figure would mean that a decision before this one was wrong. */
export function move(wallet: Wallet, account: WalletAccount, amount: number): Wallet {
  const figure = points(wallet[account] + amount);
  invariant(
    figure >= 0,
    `${account} of ${wallet.programId}:${wallet.memberId}/${wallet.wallet} would be ${figure}`,
  );
  return { ...wallet, [account]: figure, seq: wallet.seq + 1 };
}
