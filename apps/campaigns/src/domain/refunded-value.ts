import { add, fraction, ZERO, type Fraction } from '@kizuna/kernel';

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

/** Nothing of the order is left. Of an order that was free nothing can come back. */
export function isAllRefunded(
  lines: readonly { readonly paid: bigint }[],
  { perLine }: RefundedValue,
): boolean {
  const isFree = lines.every(({ paid }) => paid === 0n);
  return !isFree && lines.every(({ paid }, i) => isWhole(perLine[i], paid));
}

const isWhole = (refunded: Fraction | undefined, paid: bigint): boolean =>
  refunded !== undefined && refunded.numerator === paid * refunded.denominator;

export interface ClawedAward {
  readonly amount: bigint;
  readonly lines: readonly bigint[];
  readonly minimumEligible: bigint | undefined;
}

interface RefundedLine {
  readonly paid: bigint;
  readonly eligible: bigint;
}

/**
 * The cumulative clawback of one award; units, between 0 and the award. Below the minimum of its rule an award falls whole.
 * A fixed bonus, which belongs to no line, does not shrink: without a minimum it falls when nothing of the order is left.
 * Any other shrinks with its lines: Σ floor(award_line_i × R_i ÷ paid_i).
 */
export function clawbackTarget(
  { amount, lines: awardLines, minimumEligible }: ClawedAward,
  lines: readonly RefundedLine[],
  refunded: RefundedValue,
): bigint {
  if (minimumEligible !== undefined && isNetBelow(minimumEligible, lines, refunded)) return amount;
  if (awardLines.every((units) => units === 0n))
    return minimumEligible === undefined && isAllRefunded(lines, refunded) ? amount : 0n;
  return lines.reduce((units, { paid }, i) => {
    const part = refunded.perLine[i];
    const own = awardLines[i] ?? 0n;
    if (!part || own === 0n || paid === 0n) return units;
    return units + (own * part.numerator) / (paid * part.denominator);
  }, 0n);
}

/** Is Σ eligible_i × (1 − R_i ÷ paid_i), what can still earn, below the minimum? Exact: nothing is rounded. */
function isNetBelow(minimum: bigint, lines: readonly RefundedLine[], { perLine }: RefundedValue): boolean {
  let net: Fraction = ZERO;
  for (const [i, { paid, eligible }] of lines.entries()) {
    const part = perLine[i];
    if (!part || paid === 0n || eligible === 0n) continue;
    const left = paid * part.denominator - part.numerator;
    net = add(net, fraction(eligible * left, paid * part.denominator));
  }
  return net.numerator < minimum * net.denominator;
}
