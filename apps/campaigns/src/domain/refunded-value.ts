import { fraction, type Fraction } from '@kizuna/kernel';

/** What one refund says is taken back, in the purchase's basis; minor units. Exactly one of the three. */
export interface RefundedAmounts {
  readonly lines?: readonly { readonly line_id: string; readonly amount_minor: number }[] | undefined;
  readonly amount_minor?: number | undefined;
  readonly full?: true | undefined;
}

/** How much of an order is taken back so far, whatever the order and split of its refunds. */
export interface RefundedValue {
  /** R_i of every line, an exact rational between 0 and `paid_i`. */
  readonly perLine: readonly Fraction[];
  /** What was refunded beyond a line or the order: reported, and spilt over to nothing. Minor units. */
  readonly over: bigint;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Adds up all refunds of an order (semantics, "Refunds and clawback"): x_i = refunded on line i, clamped to paid_i;
 * U = refunded without lines, clamped to the rest; R_i = x_i + U × (paid_i − x_i) ÷ Σ(paid − x).
 */
export function refundedValue(
  lines: readonly { readonly lineId: string; readonly paid: bigint }[],
  refunds: readonly RefundedAmounts[],
): RefundedValue {
  const onLine = new Map<string, bigint>();
  let withoutLines = 0n;
  let over = 0n;
  const known = new Set(lines.map(({ lineId }) => lineId));
  for (const refund of refunds) {
    withoutLines += BigInt(refund.amount_minor ?? 0);
    for (const { line_id, amount_minor } of refund.lines ?? []) {
      if (known.has(line_id)) onLine.set(line_id, (onLine.get(line_id) ?? 0n) + BigInt(amount_minor));
      else over += BigInt(amount_minor);
    }
  }
  const isFull = refunds.some(({ full }) => full);
  const x = lines.map(({ lineId, paid }) => {
    const asked = onLine.get(lineId) ?? 0n;
    over += asked > paid ? asked - paid : 0n;
    return least(asked, paid);
  });
  const rest = lines.map(({ paid }, i) => paid - (x[i] ?? 0n));
  const restSum = rest.reduce((a, b) => a + b, 0n);
  const u = isFull ? restSum : least(withoutLines, restSum);
  over += withoutLines > restSum ? withoutLines - restSum : 0n;
  const denominator = restSum === 0n ? 1n : restSum;
  return {
    perLine: x.map((value, i) => fraction(value * denominator + u * (rest[i] ?? 0n), denominator)),
    over,
  };
}

/** The cumulative clawback of one award: Σ floor(award_line_i × R_i ÷ paid_i). Units, between 0 and the award. */
export function clawbackTarget(
  awardLines: readonly bigint[],
  lines: readonly { readonly paid: bigint }[],
  { perLine }: RefundedValue,
): bigint {
  return lines.reduce((total, { paid }, i) => {
    const refunded = perLine[i];
    const units = awardLines[i] ?? 0n;
    if (!refunded || units === 0n || paid === 0n) return total;
    return total + (units * refunded.numerator) / (paid * refunded.denominator);
  }, 0n);
}
