import { deterministicId, instant, points, type Instant, type Points } from '@kizuna/kernel';
import type { ClawbackPolicy } from '../domain/claw-back.js';
import type { Inactivity } from '../domain/inactivity.js';
import type { GrantedAward } from '../domain/post-award.js';
import {
  postChunk,
  programWallet,
  walletName,
  type LedgerState,
  type Posted,
  type Posting,
} from '../domain/post-chunk.js';
import { redeem, type Redeemed, type RedemptionRejection, type RedemptionTerms } from '../domain/redeem.js';
import { settleDue } from '../domain/settle-due.js';
import { openWallet, type Lot, type Transfer, type Wallet } from '../domain/wallet.js';

const ADDRESS = { programId: 'komorebi', memberId: 'ann', wallet: 'points' } as const;

export const ANY_TERMS: RedemptionTerms = {
  minimum: 1,
  step: 1,
  maxShareBp: 10_000,
  unitValue: { currency: 'JPY', minor: 1, units: 1 },
};

export const tokyo = (text: string): Instant => instant(`${text}+09:00`);

export interface AwardFacts {
  readonly ref: string;
  readonly amount: number;
  readonly at: Instant;
  readonly releaseAt?: Instant | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly origin?: string;
}

export const awardIdOf = ({ ref, at }: Pick<AwardFacts, 'ref' | 'at'>): string =>
  deterministicId(at, ADDRESS.programId, ref);

/** One wallet as the ledger keeps it, driven by the decisions alone: what a database would hold is in these fields. */
export class LedgerHistory {
  wallet: Wallet = openWallet(ADDRESS.programId, ADDRESS.memberId, ADDRESS.wallet);
  /** What the settings say of the wallet now. */
  inactivity: Inactivity | undefined;
  readonly lots = new Map<string, Lot>();
  readonly transfers: Transfer[] = [];
  readonly refusals: RedemptionRejection[] = [];
  readonly splits: Redeemed['split'][] = [];

  award(facts: AwardFacts, now?: Instant): void {
    const { ref, amount, at, releaseAt, expiresAt, origin = 'purchase' } = facts;
    const award: GrantedAward = {
      awardId: awardIdOf(facts),
      amount: points(amount),
      businessRef: ref,
      origin,
      funding: 'brand',
      rule: 'BASE',
      ruleLabel: 'Base points',
      ruleLabelJa: undefined,
      causeEventId: `award:${ref}`,
      occurredAt: at,
      releaseAt,
      expiresAt,
    };
    this.post({ ...ADDRESS, kind: 'award', award }, now);
  }

  clawBack(
    facts: Pick<AwardFacts, 'ref' | 'at'>,
    total: number,
    at: Instant,
    { policy = 'negative', now = at }: { readonly policy?: ClawbackPolicy; readonly now?: Instant } = {},
  ): void {
    this.post(
      {
        ...ADDRESS,
        kind: 'clawback',
        clawback: {
          awardId: awardIdOf(facts),
          total: points(total),
          policy,
          businessRef: `r-${facts.ref}`,
          causeEventId: `clawback:${facts.ref}:${total}`,
          occurredAt: at,
        },
      },
      now,
    );
  }

  settle(now: Instant, atMost?: number): void {
    this.keep(settleDue(this.wallet, this.lots.values(), now, this.inactivity, atMost));
  }

  redeem(redemptionId: string, units: number, at: Instant, terms: RedemptionTerms = ANY_TERMS): void {
    this.settle(at);
    const order = undefined;
    const allTerms = { ...terms, inactivity: this.inactivity };
    const decision = redeem(this.wallet, this.lots.values(), allTerms, {
      redemptionId,
      units: points(units),
      order,
      at,
    });
    if (!decision.accepted) {
      this.refusals.push(decision.rejection);
      return;
    }
    const { wallet, lots, transfer, split } = decision.value;
    this.keep({ wallet, lots, transfers: [transfer] });
    this.splits.push(split);
  }

  figures(): number[] {
    const { pending, available, held, debt } = this.wallet;
    return [pending, available, held, debt];
  }

  remaining(ref: Pick<AwardFacts, 'ref' | 'at'>): Points | undefined {
    return this.lots.get(awardIdOf(ref))?.remaining;
  }

  account(name: string): number {
    return this.transfers.reduce(
      (sum, { debit, credit, amount }) =>
        sum + (credit === name ? amount : 0) - (debit === name ? amount : 0),
      0,
    );
  }

  private post(posting: Posting, now: Instant | undefined): void {
    const name = walletName(ADDRESS);
    const awardIds = this.transfers
      .filter(({ kind }) => kind === 'award')
      .map(({ transferId }) => transferId);
    const state: LedgerState = {
      wallets: new Map(this.wallet.seq > 0 ? [[name, this.wallet]] : []),
      lots: new Map([[name, [...this.lots.values()]]]),
      posted: new Set(awardIds),
      now: new Map(now === undefined ? [] : [[ADDRESS.programId, now]]),
      inactivity: new Map(this.inactivity ? [[programWallet(ADDRESS), this.inactivity]] : []),
    };
    const { wallets, newLots, changedLots, transfers }: Posted = postChunk([posting], state);
    this.keep({ wallet: wallets[0] ?? this.wallet, lots: [...newLots, ...changedLots], transfers });
  }

  private keep({
    wallet,
    lots,
    transfers,
  }: {
    readonly wallet: Wallet;
    readonly lots: readonly Lot[];
    readonly transfers: readonly Transfer[];
  }): void {
    this.wallet = wallet;
    for (const lot of lots) this.lots.set(lot.lotId, lot);
    this.transfers.push(...transfers);
  }
}
