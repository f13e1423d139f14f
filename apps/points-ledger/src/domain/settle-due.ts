import { deterministicId, points, type Instant } from '@kizuna/kernel';
import { byBurnOrder } from './burn-order.js';
import { followActivity } from './follow-activity.js';
import type { Inactivity } from './inactivity.js';
import { offsetDebt } from './offset-debt.js';
import { book, ZERO_POINTS, type Lot, type Moved, type Transfer, type Wallet } from './wallet.js';

interface Due {
  readonly at: Instant;
  readonly step: 'release' | 'expiry';
  readonly lot: Lot;
}

/**
 * Posts what time has brought to a wallet until `now`: pending lots are released (debt is paid off first), then lots lapse.
 * In the order of their due times, at one time releases before expiries, among those in burn order; each with an id made of
 * the lot and its due time. So it changes nothing to run it twice, to run it at other times in between, or to stop after
 * `atMost` steps and go on later.
 *
 * Where units lapse by inactivity, lots follow what the wallet knows of the member's activity before any of them lapses:
 * whatever was known of the policy when that was posted, no unit is gone before its time.
 */
export function settleDue(
  wallet: Wallet,
  lots: Iterable<Lot>,
  now: Instant,
  inactivity?: Inactivity,
  atMost = Infinity,
): Moved {
  const known = [...lots];
  const changed = new Map(followActivity(wallet, known, inactivity).map((lot) => [lot.lotId, lot]));
  const due = dueSteps(
    known.map((lot) => changed.get(lot.lotId) ?? lot),
    now,
  );
  const transfers: Transfer[] = [];
  let after = wallet;
  for (const { at, step, lot } of due.slice(0, atMost)) {
    const current = changed.get(lot.lotId) ?? lot;
    if (current.remaining === 0) continue;
    const done = step === 'release' ? release(after, current, at) : expire(after, current, at);
    after = done.wallet;
    changed.set(lot.lotId, done.lot);
    transfers.push(...done.transfers);
  }
  return { wallet: after, lots: [...changed.values()], transfers };
}

/** What is due of these lots by `now`, in the order in which it takes effect. */
function dueSteps(lots: Iterable<Lot>, now: Instant): Due[] {
  const due: Due[] = [];
  for (const lot of lots) {
    const { isPending, releaseAt, expiresAt, remaining } = lot;
    if (remaining === 0) continue;
    if (isPending && (releaseAt === undefined || releaseAt > now)) continue;
    if (isPending && releaseAt !== undefined) due.push({ at: releaseAt, step: 'release', lot });
    // Units that are released after their last day have had none: they lapse with the release.
    const lapsesAt =
      expiresAt === undefined ? undefined : (Math.max(expiresAt, releaseAt ?? expiresAt) as Instant);
    if (lapsesAt !== undefined && lapsesAt <= now) due.push({ at: lapsesAt, step: 'expiry', lot });
  }
  return due.sort((a, b) => a.at - b.at || rank(a) - rank(b) || byBurnOrder(a.lot, b.lot));
}

const rank = ({ step }: Due): number => (step === 'release' ? 0 : 1);

interface Step {
  readonly wallet: Wallet;
  readonly lot: Lot;
  readonly transfers: readonly Transfer[];
}

function release(wallet: Wallet, lot: Lot, at: Instant): Step {
  const causeEventId = `release:${lot.lotId}`;
  const offset = offsetDebt(wallet, lot, at, causeEventId);
  const rest = offset?.lot ?? lot;
  const paid = offset ? [offset.transfer] : [];
  const before = offset?.transfer.after ?? wallet;
  const released: Lot = { ...rest, isPending: false };
  if (rest.remaining === 0) return { wallet: before, lot: released, transfers: paid };
  const transfer = book(before, {
    ...ofLot(lot),
    transferId: deterministicId(at, wallet.programId, lot.lotId, 'release'),
    kind: 'release',
    debit: 'pending',
    credit: 'available',
    amount: rest.remaining,
    causeEventId,
    effectiveAt: at,
  });
  return { wallet: transfer.after, lot: released, transfers: [...paid, transfer] };
}

function expire(wallet: Wallet, lot: Lot, at: Instant): Step {
  const transfer = book(wallet, {
    ...ofLot(lot),
    transferId: deterministicId(at, wallet.programId, lot.lotId, 'expiry'),
    kind: 'expiry',
    debit: 'available',
    credit: 'expired',
    amount: lot.remaining,
    causeEventId: `expiry:${lot.lotId}`,
    effectiveAt: at,
  });
  const expired = points(lot.expired + lot.remaining);
  return { wallet: transfer.after, lot: { ...lot, remaining: ZERO_POINTS, expired }, transfers: [transfer] };
}

const ofLot = ({ lotId, businessRef, origin, funding }: Lot) => ({ lotId, businessRef, origin, funding });
