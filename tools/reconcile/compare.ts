import type { Calculation } from './calculation.js';
import { inParallel } from './differences.js';
import type { AwardRead, ProgramReads, StatusRead } from './program-reads.js';
import { awardKey, redemptionDifferences } from './redemption-differences.js';
import { engagementDifferences, orderDifferences, reviewDifferences } from './status-differences.js';
import { lotDifferences, walletDifferences } from './wallet-differences.js';

export type { AwardRead, LotRead, ProgramReads, WalletRead } from './program-reads.js';

export interface Comparison {
  readonly compared: Readonly<{
    members: number;
    orders: number;
    awards: number;
    refunds: number;
    engagements: number;
    reviews: number;
    redemptions: number;
    lots: number;
  }>;
  /** One sentence per difference, naming the member or order, what was expected and what was found. */
  readonly differences: readonly string[];
}

const CONCURRENCY = 8;
const NOTHING = new Map<string, never>();

/** Compares everything the calculation knows with what the program answers; the reads run a few at a time. */
export async function compare(
  calculation: Calculation,
  reads: ProgramReads,
  concurrency = CONCURRENCY,
): Promise<Comparison> {
  const { orders, engagements, reviews, redemptions, members, holdings, now } = calculation;
  const differences = [
    ...calculation.not_covered.map((request) => `The calculation does not cover: ${request}.`),
    ...calculation.wrong_answers,
  ];
  const compared = {
    ...{ members: 0, orders: 0, awards: 0, refunds: 0 },
    ...{ engagements: 0, reviews: 0, redemptions: 0, lots: 0 },
  };
  const awardsById = new Map<string, string>();
  const remember = (kind: string, ref: string, awards: readonly AwardRead[]): void => {
    for (const { award_id: id, rule, wallet } of awards)
      if (id !== undefined) awardsById.set(id, awardKey(kind, ref, rule, wallet));
  };

  await inParallel(members, concurrency, async ([memberId, wallets]) => {
    const held = holdings.get(memberId) ?? NOTHING;
    const found = walletDifferences(memberId, wallets, held, await reads.wallets(memberId));
    differences.push(...found);
    compared.members += 1;
    // Figures that differ have lots that differ: they are not told twice.
    if (found.length > 0) return;
    for (const [wallet, holding] of held) {
      const lots = await reads.lots(memberId, wallet);
      differences.push(...lotDifferences(memberId, wallet, holding, lots, now));
      compared.lots += holding.lots.length;
    }
  });
  await inParallel(orders.values(), concurrency, async (order) => {
    const [status, awards] = await Promise.all([
      reads.purchase(order.order_id),
      reads.awards(order.order_id),
    ]);
    remember('purchase', order.order_id, awards);
    differences.push(...orderDifferences(order, reviews, status, awards));
    compared.orders += 1;
    compared.awards += order.awards.length;
    compared.refunds += order.refunds.length;
  });
  await inParallel(engagements.values(), concurrency, async (engagement) => {
    const status = await reads.engagement(engagement.engagement_id);
    remember('engagement', engagement.engagement_id, (status as StatusRead | undefined)?.awards ?? []);
    differences.push(...engagementDifferences(engagement, reviews, status));
    compared.engagements += 1;
    compared.awards += engagement.awards.length;
  });
  await inParallel(reviews.values(), concurrency, async (review) => {
    differences.push(...reviewDifferences(review, await reads.review(review.review_id)));
    compared.reviews += 1;
  });
  await inParallel(redemptions.values(), concurrency, async (redemption) => {
    const answer = await reads.redemption(redemption.redemption_id);
    differences.push(...redemptionDifferences(redemption, calculation, awardsById, answer));
    compared.redemptions += 1;
  });
  // Reads finish in any order; two runs over the same state should still read the same.
  return { compared, differences: differences.sort() };
}
