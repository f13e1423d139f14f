import { least, notBelowZero, sum } from './exact.js';
import type { ClawbackPolicy } from './requests.js';
import type { LotSource } from './results.js';

/** The part of a wallet that came from one award. Remaining = what is still pending or available of it. */
export interface Lot {
  readonly number: number;
  readonly source: LotSource;
  readonly account: Account;
  readonly occurredAt: number;
  readonly releaseAt: number | undefined;
  /** What its award said. */
  readonly grantedUntil: number;
  /** Infinity: never. Only ever moves later. */
  expiresAt: number;
  readonly amount: bigint;
  remaining: bigint;
  isPending: boolean;
  expired: bigint;
  /** Cumulative clawback that was posted, be it taken, owed or uncollected. */
  clawedBack: bigint;
}

export interface Account {
  readonly lots: Lot[];
  debt: bigint;
  awarded: bigint;
  clawedBack: bigint;
  redeemed: bigint;
  expired: bigint;
  debtOffset: bigint;
  uncollected: bigint;
}

export interface NewLot {
  readonly memberId: string;
  readonly wallet: string;
  readonly source: LotSource;
  readonly amount: bigint;
  readonly occurredAt: number;
  readonly releaseAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export interface Taken {
  readonly lot: Lot;
  readonly units: bigint;
}

/** What falls due at one instant. */
interface Due {
  readonly releases: Lot[];
  readonly expiries: Lot[];
}

/** Wallets, lots and what falls due. Time is told, it never passes by itself. */
export class Ledger {
  readonly members = new Map<string, Map<string, Account>>();
  private readonly agenda = new Map<number, Due>();
  /** The instants of the agenda, the last one first. */
  private readonly instants: number[] = [];
  private lots = 0;

  /** −Infinity until a time is told: nothing falls due. */
  constructor(private now = -Infinity) {}

  get present(): number {
    return this.now;
  }

  /** Releases, then expiries, of every instant up to the new present, in their order. */
  advance(to: number): void {
    this.now = Math.max(this.now, to);
    for (
      let next = this.instants.at(-1);
      next !== undefined && next <= this.now;
      next = this.instants.at(-1)
    ) {
      const { releases, expiries } = this.dueAt(next);
      releases.sort(inBurnOrder).forEach(release);
      for (const lot of expiries) if (lot.expiresAt <= next) expire(lot);
      this.agenda.delete(next);
      this.instants.pop();
    }
  }

  account(memberId: string, wallet: string): Account {
    const wallets = this.members.get(memberId) ?? new Map<string, Account>();
    this.members.set(memberId, wallets);
    const account = wallets.get(wallet) ?? emptyAccount();
    wallets.set(wallet, account);
    return account;
  }

  grant(award: NewLot): Lot {
    const account = this.account(award.memberId, award.wallet);
    const { source, amount, occurredAt, releaseAt, expiresAt = Infinity } = award;
    const amounts = { amount, remaining: amount, expired: 0n, clawedBack: 0n };
    this.lots += 1;
    const lot: Lot = {
      ...{ number: this.lots, source, account, occurredAt, releaseAt, ...amounts },
      ...{ expiresAt, grantedUntil: expiresAt },
      isPending: releaseAt !== undefined,
    };
    account.lots.push(lot);
    account.awarded += amount;
    if (releaseAt === undefined) release(lot);
    else this.dueAt(releaseAt).releases.push(lot);
    this.planExpiry(lot);
    this.advance(this.now);
    return lot;
  }

  /**
   * Posts what a cumulative total adds: from the award's own pending part, its own lot, then other available lots in burn
   * order; the shortage is owed or stays uncollected. What has expired of the award is not asked back again.
   */
  clawBack(lot: Lot, clawbackTotal: bigint, policy: ClawbackPolicy): void {
    const { account } = lot;
    const added = notBelowZero(least(clawbackTotal, lot.amount - lot.expired) - lot.clawedBack);
    lot.clawedBack += added;
    account.clawedBack += added;
    let missing = added;
    const takeFrom = (source: Lot): void => {
      const taken = least(missing, source.remaining);
      source.remaining -= taken;
      missing -= taken;
    };
    if (lot.isPending || policy !== 'pending_only') takeFrom(lot);
    if (policy !== 'pending_only' && missing > 0n) burnable(account).forEach(takeFrom);
    if (policy === 'negative') account.debt += missing;
    else account.uncollected += missing;
  }

  /** Burns available lots in order; there must be enough. */
  redeem(account: Account, units: bigint): Taken[] {
    let missing = units;
    const split: Taken[] = [];
    for (const lot of burnable(account)) {
      const taken = least(missing, lot.remaining);
      if (taken === 0n) continue;
      lot.remaining -= taken;
      missing -= taken;
      split.push({ lot, units: taken });
    }
    if (missing > 0n) throw new Error('a redemption of more than is available');
    account.redeemed += units;
    return split;
  }

  /** Units go back to the lots they came from, which then live until a given instant at least. */
  giveBack(split: readonly Taken[], until: number): void {
    for (const { lot, units } of split) {
      lot.account.redeemed -= units;
      lot.remaining += units;
      if (lot.expiresAt < until) {
        lot.expiresAt = until;
        this.planExpiry(lot);
      }
      offsetDebt(lot);
    }
  }

  private planExpiry(lot: Lot): void {
    if (lot.expiresAt !== Infinity) this.dueAt(lot.expiresAt).expiries.push(lot);
  }

  private dueAt(instant: number): Due {
    const known = this.agenda.get(instant);
    if (known !== undefined) return known;
    const due: Due = { releases: [], expiries: [] };
    this.agenda.set(instant, due);
    const earlier = this.instants.findIndex((other) => other < instant);
    this.instants.splice(earlier < 0 ? this.instants.length : earlier, 0, instant);
    return due;
  }
}

export function figuresOf(account: Account): { pending: bigint; available: bigint; debt: bigint } {
  const remaining = (isPending: boolean): bigint =>
    sum(account.lots.filter((lot) => lot.isPending === isPending).map((lot) => lot.remaining));
  return { pending: remaining(true), available: remaining(false), debt: account.debt };
}

const emptyAccount = (): Account => ({
  lots: [],
  debt: 0n,
  awarded: 0n,
  clawedBack: 0n,
  redeemed: 0n,
  expired: 0n,
  debtOffset: 0n,
  uncollected: 0n,
});

/** Units that become available pay what is owed first. */
function release(lot: Lot): void {
  lot.isPending = false;
  offsetDebt(lot);
}

function offsetDebt(lot: Lot): void {
  const { account } = lot;
  const paid = least(account.debt, lot.remaining);
  lot.remaining -= paid;
  account.debt -= paid;
  account.debtOffset += paid;
}

function expire(lot: Lot): void {
  lot.expired += lot.remaining;
  lot.account.expired += lot.remaining;
  lot.remaining = 0n;
}

const burnable = (account: Account): Lot[] =>
  account.lots.filter((lot) => !lot.isPending && lot.remaining > 0n).sort(inBurnOrder);

function inBurnOrder(a: Lot, b: Lot): number {
  if (a.expiresAt !== b.expiresAt) return a.expiresAt < b.expiresAt ? -1 : 1;
  return a.occurredAt - b.occurredAt || a.number - b.number;
}
