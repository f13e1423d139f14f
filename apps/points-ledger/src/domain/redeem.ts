import {
  accept,
  deterministicId,
  invariant,
  points,
  reject,
  type Decision,
  type Instant,
  type Minor,
  type Points,
} from '@kizuna/kernel';
import { availableLots } from './burn-order.js';
import { followActivity } from './follow-activity.js';
import type { Inactivity } from './inactivity.js';
import { isAboveShare, worthOf, type Money, type UnitValue } from './unit-value.js';
import { book, type Lot, type Transfer, type Wallet } from './wallet.js';

/** What a program says about spending from one of its wallets. */
export interface RedemptionTerms {
  readonly minimum: number;
  readonly step: number;
  /** Largest share of an order that units may pay, in basis points; undefined: the program sets no bound. */
  readonly maxShareBp: number | undefined;
  readonly unitValue: UnitValue | undefined;
  /** How units that are left lapse, where that hangs on what the member does. */
  readonly inactivity?: Inactivity | undefined;
}

export interface RedeemUnits {
  readonly redemptionId: string;
  readonly units: Points;
  /** The order that the units pay for, or help to. */
  readonly order: { readonly currency: string; readonly amount: Minor } | undefined;
  readonly at: Instant;
}

export type RedemptionRejection =
  | Readonly<{ code: 'unknown_wallet' }>
  | Readonly<{ code: 'below_minimum_units'; minimum: number; required: Points }>
  | Readonly<{ code: 'not_a_step'; step: number; required: Points }>
  | Readonly<{ code: 'foreign_currency'; currency: string; expected: string }>
  | Readonly<{ code: 'above_order_share'; max_share_bp: number; value: Money; order: Money }>
  | Readonly<{ code: 'in_debt'; debt: Points }>
  | Readonly<{ code: 'insufficient_points'; available: Points; required: Points }>;

export interface Redeemed {
  readonly wallet: Wallet;
  /** Those that gave units, and those that lapse later because the member did something. */
  readonly lots: readonly Lot[];
  readonly transfer: Transfer;
  /** Which award gave how many of the units, in burn order: a reversal gives them back to the same lots. */
  readonly split: readonly { readonly lotId: string; readonly units: Points }[];
  readonly value: Money | undefined;
}

/**
 * Decides one redemption over a wallet whose due lots are settled. Terms are undefined when the program has no such
 * wallet. Clock, id and balance are arguments, so that the answer can be replayed.
 */
export function redeem(
  wallet: Wallet,
  lots: Iterable<Lot>,
  terms: RedemptionTerms | undefined,
  { redemptionId, units, order, at }: RedeemUnits,
): Decision<Redeemed, RedemptionRejection> {
  invariant(units > 0, 'the door refuses an empty redemption');
  if (!terms) return reject({ code: 'unknown_wallet' });
  const refusal = refusalByTerms(terms, units, order);
  if (refusal) return reject(refusal);
  const { available, debt } = wallet;
  if (debt > 0) return reject({ code: 'in_debt', debt });
  if (units > available) return reject({ code: 'insufficient_points', available, required: units });

  const known = [...lots];
  const burnt = burn(availableLots(known), units);
  const transfer = book(wallet, {
    transferId: deterministicId(at, wallet.programId, 'redemption', redemptionId),
    kind: 'redemption',
    debit: 'available',
    credit: 'redeemed',
    amount: units,
    lotId: undefined,
    businessRef: redemptionId,
    origin: commonOf(burnt, ({ origin }) => origin),
    funding: commonOf(burnt, ({ funding }) => funding),
    causeEventId: `redemption:${redemptionId}`,
    effectiveAt: at,
  });
  const spent = burnt.map(({ lot, taken }) => ({
    ...lot,
    remaining: points(lot.remaining - taken),
    redeemed: points(lot.redeemed + taken),
  }));
  const open = terms.inactivity ? byId([...known, ...spent]) : [];
  return accept({
    wallet: transfer.after,
    transfer,
    lots: byId([...spent, ...followActivity(transfer.after, open, terms.inactivity)]),
    split: burnt.map(({ lot, taken }) => ({ lotId: lot.lotId, units: taken })),
    value: terms.unitValue && worthOf(units, terms.unitValue),
  });
}

function refusalByTerms(
  { minimum, step, maxShareBp, unitValue }: RedemptionTerms,
  units: Points,
  order: RedeemUnits['order'],
): RedemptionRejection | undefined {
  if (units < minimum) return { code: 'below_minimum_units', minimum, required: units };
  if (units % step !== 0) return { code: 'not_a_step', step, required: units };
  if (!order || !unitValue || maxShareBp === undefined) return undefined;
  const { currency, amount } = order;
  if (currency !== unitValue.currency)
    return { code: 'foreign_currency', currency, expected: unitValue.currency };
  if (!isAboveShare(units, unitValue, amount, maxShareBp)) return undefined;
  return {
    code: 'above_order_share',
    max_share_bp: maxShareBp,
    value: worthOf(units, unitValue),
    order: { currency, minor: amount },
  };
}

/** The last of each. */
const byId = (lots: readonly Lot[]): Lot[] => [...new Map(lots.map((lot) => [lot.lotId, lot])).values()];

interface Burnt {
  readonly lot: Lot;
  readonly taken: Points;
}

function burn(lots: readonly Lot[], units: Points): Burnt[] {
  const burnt: Burnt[] = [];
  let missing: number = units;
  for (const lot of lots) {
    if (missing === 0) break;
    const taken = points(Math.min(missing, lot.remaining));
    burnt.push({ lot, taken });
    missing -= taken;
  }
  invariant(missing === 0, `the lots do not cover the balance: ${missing} units are in none of them`);
  return burnt;
}

/** Of lots that differ there is no one origin or funding. */
function commonOf(burnt: readonly Burnt[], of: (lot: Lot) => string): string {
  const values = new Set(burnt.map(({ lot }) => of(lot)));
  return values.size === 1 ? ([...values][0] ?? 'mixed') : 'mixed';
}
