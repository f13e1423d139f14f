import { invariant, type Instant } from '@kizuna/kernel';
import { clawBack, type Clawback } from './claw-back.js';
import { followActivity, redatedLots, type Redated } from './follow-activity.js';
import type { Inactivity } from './inactivity.js';
import { postAward, type GrantedAward } from './post-award.js';
import { settleDue } from './settle-due.js';
import { openWallet, type Lot, type Moved, type Transfer, type Wallet } from './wallet.js';

export interface WalletAddress {
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
  /** Of the wallets that `needsLots`, all open lots and those that clawbacks name; by wallet. */
  readonly lots: ReadonlyMap<string, readonly Lot[]>;
  /** Awards that were posted before. */
  readonly posted: ReadonlySet<string>;
  /** The present of the programs whose settings are known. */
  readonly now: ReadonlyMap<string, Instant>;
  /** Of the wallets of programs whose units lapse by inactivity; by `programWallet`. */
  readonly inactivity: ReadonlyMap<string, Inactivity>;
}

/** What is to be written as it stands. */
export interface Posted {
  readonly wallets: readonly Wallet[];
  readonly newLots: readonly Lot[];
  readonly changedLots: readonly Lot[];
  /** Of the changed ones, those with another date. */
  readonly redatedLots: readonly Redated[];
  readonly transfers: readonly Transfer[];
}

export const walletName = ({ programId, memberId, wallet }: WalletAddress): string =>
  `${programId} ${memberId} ${wallet}`;

/** A wallet of a program, whoever the member is. */
export const programWallet = ({ programId, wallet }: Omit<WalletAddress, 'memberId'>): string =>
  `${programId} ${wallet}`;

/**
 * Most postings add to a wallet and ask nothing of its lots. A clawback may need any of them, an award into a wallet in
 * debt pays off what due releases have not, and an award where units lapse by inactivity moves the dates of those that
 * have not lapsed yet: they come after what is due, so that the job's moment plays no part.
 */
export function needsLots(
  posting: Posting,
  wallet: Wallet | undefined,
  inactivity: LedgerState['inactivity'],
): boolean {
  return posting.kind === 'clawback' || (wallet?.debt ?? 0) > 0 || inactivity.has(programWallet(posting));
}

/** Posts a chunk in order, in memory. An award that is posted already, before or in the same chunk, has no effect. */
export function postChunk(postings: readonly Posting[], state: LedgerState): Posted {
  const chunk = new WorkingChunk(state);
  for (const posting of postings) {
    const holding = chunk.holdingOf(posting);
    if (posting.kind === 'award') {
      if (state.posted.has(posting.award.awardId) || holding.lots.has(posting.award.awardId)) continue;
      if (needsLots(posting, holding.wallet, state.inactivity)) chunk.settle(holding);
      const { wallet, lot, transfers } = postAward(holding.wallet, posting.award);
      chunk.add(holding, { wallet, lots: [lot], transfers });
      continue;
    }
    const { awardId, total } = posting.clawback;
    const known = holding.lots.get(awardId);
    invariant(known, `a clawback follows its award, and ${awardId} was never posted`);
    if (total <= known.clawedBack) continue;
    chunk.settle(holding);
    const own = holding.lots.get(awardId) ?? known;
    const done = clawBack(holding.wallet, own, holding.lots.values(), posting.clawback);
    if (done) chunk.add(holding, done);
  }
  return chunk.posted();
}

interface Holding {
  wallet: Wallet;
  /** As far as they are known: see `LedgerState.lots`. */
  readonly lots: Map<string, Lot>;
}

/** The state of the chunk's wallets while it is posted, and what is new about them. */
class WorkingChunk {
  private readonly holdings = new Map<string, Holding>();
  private readonly moved = new Set<Holding>();
  private readonly before = new Map<string, Lot>();
  private readonly changed = new Map<string, Lot>();
  private readonly transfers: Transfer[] = [];

  constructor(private readonly state: LedgerState) {}

  holdingOf(address: WalletAddress): Holding {
    const name = walletName(address);
    const known = this.holdings.get(name);
    if (known) return known;
    const { programId, memberId, wallet } = address;
    const lots = this.state.lots.get(name) ?? [];
    const holding: Holding = {
      wallet: this.state.wallets.get(name) ?? openWallet(programId, memberId, wallet),
      lots: new Map(),
    };
    for (const lot of lots) {
      this.before.set(lot.lotId, lot);
      holding.lots.set(lot.lotId, lot);
    }
    this.holdings.set(name, holding);
    return holding;
  }

  /** The present of a program whose settings have not come is not known; its due lots wait for the job. */
  settle(holding: Holding): void {
    const now = this.state.now.get(holding.wallet.programId);
    if (now === undefined) return;
    this.add(holding, settleDue(holding.wallet, holding.lots.values(), now, this.inactivityOf(holding)));
  }

  add(holding: Holding, { wallet, lots, transfers }: Moved): void {
    holding.wallet = wallet;
    for (const lot of lots) {
      holding.lots.set(lot.lotId, lot);
      this.changed.set(lot.lotId, lot);
    }
    if (transfers.length > 0) this.moved.add(holding);
    for (const transfer of transfers) this.transfers.push(transfer);
  }

  posted(): Posted {
    for (const { wallet, lots } of this.moved)
      for (const lot of followActivity(wallet, lots.values(), this.inactivityOf({ wallet })))
        this.changed.set(lot.lotId, lot);
    const lots = [...this.changed.values()];
    const changedLots = lots.filter(({ lotId }) => this.before.has(lotId));
    return {
      wallets: [...this.moved].map(({ wallet }) => wallet),
      newLots: lots.filter(({ lotId }) => !this.before.has(lotId)),
      changedLots,
      redatedLots: redatedLots(this.before.values(), changedLots),
      transfers: this.transfers,
    };
  }

  private inactivityOf({ wallet }: Pick<Holding, 'wallet'>): Inactivity | undefined {
    return this.state.inactivity.get(programWallet(wallet));
  }
}
