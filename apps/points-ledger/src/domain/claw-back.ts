import { deterministicId, invariant, points, type Instant, type Points } from '@kizuna/kernel';
import { availableLots } from './burn-order.js';
import { accountOf, book, type Account, type Lot, type Moved, type Transfer, type Wallet } from './wallet.js';

/** What becomes of units that are to be taken back and are not there any more. */
export type ClawbackPolicy = 'negative' | 'within_balance' | 'pending_only';

export interface Clawback {
  readonly awardId: string;
  /** Cumulative: what all refunds so far take back of the award. */
  readonly total: Points;
  readonly policy: ClawbackPolicy;
  readonly businessRef: string;
  readonly causeEventId: string;
  readonly occurredAt: Instant;
}

/** Presents are never owed: taken back as far as the balance goes, whatever the program says of purchases. */
const NEVER_OWED: ReadonlySet<string> = new Set(['engagement', 'referral', 'milestone', 'goodwill']);

/**
 * Takes back the difference between the cumulative total and what was asked before: from the award's own units, pending or
 * available, then from other available lots in burn order; the rest is owed (`negative`) or left `uncollected`. What of the
 * award has lapsed is gone already and is not taken a second time. Undefined for a repetition, or an older total that came
 * late.
 *
 * @param lots the open lots of the wallet; the award's own is among them, or exhausted
 */
export function clawBack(
  wallet: Wallet,
  own: Lot,
  lots: Iterable<Lot>,
  { awardId, total, policy, businessRef, causeEventId, occurredAt }: Clawback,
): Moved | undefined {
  if (total <= own.clawedBack) return undefined;
  invariant(total <= own.amount, `a clawback of ${total} is above its award ${awardId} of ${own.amount}`);

  const notLapsed = own.amount - own.expired;
  const asked = Math.max(0, Math.min(total, notLapsed) - Math.min(own.clawedBack, notLapsed));
  const applied = NEVER_OWED.has(own.origin) ? 'within_balance' : policy;
  const legs = legsOf(own, lots, asked, applied);

  const transfers: Transfer[] = [];
  let after = wallet;
  for (const { lot, account, amount, leg } of legs) {
    const transfer = book(after, {
      transferId: deterministicId(occurredAt, wallet.programId, awardId, total, leg),
      kind: 'clawback',
      debit: account,
      credit: 'clawed_back',
      amount: points(amount),
      lotId: lot.lotId,
      businessRef,
      origin: lot.origin,
      funding: lot.funding,
      causeEventId,
      effectiveAt: occurredAt,
    });
    after = transfer.after;
    transfers.push(transfer);
  }
  const taken = new Map(
    legs.filter(({ isOfLot }) => isOfLot).map(({ lot, amount }) => [lot.lotId, { lot, amount }]),
  );
  const others = [...taken.values()].filter(({ lot }) => lot.lotId !== awardId);
  return {
    wallet: after,
    transfers,
    lots: [
      { ...less(own, taken.get(awardId)?.amount ?? 0), clawedBack: total },
      ...others.map(({ lot, amount }) => less(lot, amount)),
    ],
  };
}

interface Leg {
  readonly leg: string;
  readonly lot: Lot;
  readonly account: Account;
  readonly amount: number;
  /** Does it take units out of the lot, or only say whose award they were? */
  readonly isOfLot: boolean;
}

function legsOf(own: Lot, lots: Iterable<Lot>, asked: number, policy: ClawbackPolicy): Leg[] {
  const legs: Leg[] = [];
  let missing = asked;
  const take = (lot: Lot, leg: string): void => {
    const amount = Math.min(missing, lot.remaining);
    if (amount > 0) legs.push({ leg, lot, account: accountOf(lot), amount, isOfLot: true });
    missing -= amount;
  };
  if (policy !== 'pending_only' || own.isPending) take(own, 'lot');
  if (policy !== 'pending_only' && missing > 0)
    for (const lot of availableLots(lots)) if (lot.lotId !== own.lotId) take(lot, `lot:${lot.lotId}`);
  const account = policy === 'negative' ? 'debt' : 'uncollected';
  if (missing > 0) legs.push({ leg: account, lot: own, account, amount: missing, isOfLot: false });
  return legs;
}

const less = (lot: Lot, amount: number): Lot => ({ ...lot, remaining: points(lot.remaining - amount) });
