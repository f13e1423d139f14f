import type { Amounts } from './amounts.js';
import { at, fraction, isLess, least, minor, sum, total, whole, ZERO, type Fraction } from './exact.js';
import type { Purchase, Refund } from './requests.js';
import type { Rule } from './requests.js';

/** What the refunds of one order add up to; nothing here depends on how or in which order they were split. */
export interface Refunded {
  /** By line id, also ids that the order does not have. */
  readonly byLine: Map<string, bigint>;
  withoutLines: bigint;
}

export interface Standing {
  /** Refunded on the line, up to what was paid for it. */
  readonly onLine: readonly bigint[];
  /** Still in the order after the refunds on lines, and how much of that was refunded without lines. */
  readonly rest: bigint;
  readonly spread: bigint;
  /** Refunded above a line or the order; it spills over to nothing. */
  readonly over: bigint;
}

export function standingOf(purchase: Purchase, { paid }: Amounts, refunded: Refunded): Standing {
  const onLine = purchase.lines.map((line, i) => least(refunded.byLine.get(line.line_id) ?? 0n, at(paid, i)));
  const rest = sum(paid) - sum(onLine);
  const spread = least(refunded.withoutLines, rest);
  const over = sum([...refunded.byLine.values()]) - sum(onLine) + (refunded.withoutLines - spread);
  return { onLine, rest, spread, over };
}

/** `full` is a refund without lines of whatever is still there, so it is never over the order itself. */
export function addRefund(refunded: Refunded, refund: Refund, { rest, spread }: Standing): void {
  for (const { line_id, amount_minor } of refund.lines ?? [])
    refunded.byLine.set(line_id, (refunded.byLine.get(line_id) ?? 0n) + minor(amount_minor));
  refunded.withoutLines += refund.full === true ? rest - spread : minor(refund.amount_minor);
}

/** Nothing of the order is left. */
export const isCancelled = ({ paid }: Amounts, { rest, spread }: Standing): boolean =>
  sum(paid) > 0n && rest === spread;

/** R_i ÷ paid_i with R_i = x_i + U × (paid_i − x_i) ÷ rest: the part of a line that has gone back. */
function goneOf(i: number, { paid }: Amounts, { onLine, rest, spread }: Standing): Fraction {
  const value = at(paid, i);
  const own = at(onLine, i);
  if (value === 0n) return ZERO;
  return rest === 0n ? fraction(own, value) : fraction(own * rest + spread * (value - own), rest * value);
}

/** The cumulative clawback of one award. */
export function clawbackOf(
  {
    rule,
    amount,
    units,
  }: { readonly rule: Rule; readonly amount: bigint; readonly units: readonly bigint[] },
  amounts: Amounts,
  standing: Standing,
): bigint {
  const gone = amounts.paid.map((_, i) => goneOf(i, amounts, standing));
  const minimum = rule.minimum_eligible_minor ?? undefined;
  if (minimum !== undefined) {
    const net = total(
      amounts.eligible.map((value, i) => fraction(value * (at(gone, i).d - at(gone, i).n), at(gone, i).d)),
    );
    if (isLess(net, whole(minor(minimum)))) return amount;
  }
  // A fixed bonus does not shrink: it falls whole below its minimum, and when nothing is left.
  if (rule.reward.kind === 'fixed') return isCancelled(amounts, standing) ? amount : 0n;
  return sum(units.map((count, i) => (count * at(gone, i).n) / at(gone, i).d));
}
