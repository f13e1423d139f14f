import { invariant, points, type Instant, type Points } from '@kizuna/kernel';

/** The four figures of a wallet, and how many transfers made them. Units. */
export interface Wallet {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly pending: Points;
  readonly available: Points;
  readonly held: Points;
  /** What the member owes: it blocks redemption and is paid off by the next release. */
  readonly debt: Points;
  readonly awardedTotal: Points;
  readonly clawedBackTotal: Points;
  /** The latest purchase or engagement that gave units, or redemption; in business time. */
  readonly lastActivityAt: Instant | undefined;
  readonly seq: number;
}

/** Accounts of a wallet, and system accounts of the program behind it. */
export type WalletAccount = 'pending' | 'available' | 'held' | 'debt';
export type SystemAccount = 'issued' | 'clawed_back' | 'redeemed' | 'expired' | 'uncollected';
export type Account = WalletAccount | SystemAccount;

/** The part of a balance that came from one award. `remaining` is pending or available, never partly both. */
export interface Lot {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
  readonly lotId: string;
  /** Lower ones burn first. */
  readonly priority: number;
  readonly amount: Points;
  readonly remaining: Points;
  readonly redeemed: Points;
  readonly expired: Points;
  /** Units that paid off a debt. */
  readonly debtOffset: Points;
  /** Cumulative: what refunds have asked back of this award, wherever it was taken from. */
  readonly clawedBack: Points;
  readonly isPending: boolean;
  readonly occurredAt: Instant;
  readonly releaseAt: Instant | undefined;
  /** undefined = never */
  readonly expiresAt: Instant | undefined;
  readonly origin: string;
  readonly funding: string;
  readonly businessRef: string;
  readonly rule: string | undefined;
  readonly ruleLabel: string | undefined;
  readonly ruleLabelJa: string | undefined;
}

export type TransferKind = 'award' | 'release' | 'debt_offset' | 'clawback' | 'redemption' | 'expiry';

/** What one transfer says, before it is booked in a wallet. */
export interface Entry {
  readonly transferId: string;
  readonly kind: TransferKind;
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: Points;
  /** The lot whose units moved; a redemption has several, and keeps its split itself. */
  readonly lotId: string | undefined;
  readonly businessRef: string;
  readonly origin: string;
  readonly funding: string;
  readonly causeEventId: string;
  readonly effectiveAt: Instant;
}

/** One immutable double entry, with the figures of the wallet after it. */
export interface Transfer extends Entry {
  readonly after: Wallet;
}

/** What a decision makes of a wallet: its figures, the lots that changed, the transfers in their order. */
export interface Moved {
  readonly wallet: Wallet;
  readonly lots: readonly Lot[];
  readonly transfers: readonly Transfer[];
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
    lastActivityAt: undefined,
    seq: 0,
  };
}

/** A credit adds to an account and a debit takes away; debt is owed, so it counts the other way round. */
const SIGNS: Readonly<Partial<Record<Account, 1 | -1>>> = { pending: 1, available: 1, held: 1, debt: -1 };

/** Where an award comes from something that the member did. */
const DONE_BY_MEMBER: ReadonlySet<string> = new Set(['purchase', 'engagement']);

function lastActivity(before: Instant | undefined, entry: Entry): Instant | undefined {
  const { kind, origin, effectiveAt } = entry;
  const isActivity = kind === 'redemption' || (kind === 'award' && DONE_BY_MEMBER.has(origin));
  return isActivity && (before === undefined || effectiveAt > before) ? effectiveAt : before;
}

/** Books both sides of an entry; a negative figure would mean that a decision before this one was wrong. */
export function book(wallet: Wallet, entry: Entry): Transfer {
  const { kind, debit, credit, amount } = entry;
  const isTaken = kind === 'clawback' && debit !== 'uncollected';
  const after = {
    ...wallet,
    awardedTotal: kind === 'award' ? points(wallet.awardedTotal + amount) : wallet.awardedTotal,
    clawedBackTotal: isTaken ? points(wallet.clawedBackTotal + amount) : wallet.clawedBackTotal,
    lastActivityAt: lastActivity(wallet.lastActivityAt, entry),
    seq: wallet.seq + 1,
  };
  add(after, debit, -amount);
  add(after, credit, amount);
  return { ...entry, after };
}

type Figures = { -readonly [Name in keyof Wallet]: Wallet[Name] };

function add(wallet: Figures, account: Account, change: number): void {
  const sign = SIGNS[account];
  // A system account has no row to add to.
  if (sign === undefined) return;
  const name = account as WalletAccount;
  const figure = points(wallet[name] + sign * change);
  invariant(
    figure >= 0,
    `${name} of ${wallet.programId}:${wallet.memberId}/${wallet.wallet} would be ${figure}`,
  );
  wallet[name] = figure;
}

/** Which account the units of a lot are in. */
export const accountOf = ({ isPending }: Lot): 'pending' | 'available' =>
  isPending ? 'pending' : 'available';
