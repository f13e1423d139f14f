import type { CalculatedAward, Calculation } from '../calculation.js';
import type { ProgramReads } from '../compare.js';

const awardRead = (kind: string, ref: string, award: CalculatedAward) => ({
  ...award,
  award_id: `${kind} ${ref} ${award.rule} ${award.wallet}`,
});

/** A program in memory that answers as a calculation says it should; a spec changes what it answers. */
export class AgreeingProgram {
  readonly wallets;
  readonly lots;
  readonly purchases;
  readonly engagements;
  readonly reviews;
  readonly redemptions;

  constructor({ members, holdings, orders, engagements, reviews, redemptions }: Calculation) {
    this.wallets = mapped(members, (wallets) =>
      [...wallets].map(([wallet, figures]) => ({ wallet, ...figures })),
    );
    this.lots = mapped(holdings, (wallets) =>
      Object.fromEntries([...wallets].map(([wallet, { lots }]) => [wallet, lots.map((lot) => ({ ...lot }))])),
    );
    this.purchases = mapped(orders, (order, id) => ({
      ...order,
      awards: order.awards.map((award) => awardRead('purchase', id, award)),
      refunds: order.refunds.map((refund) => ({ ...refund, state: refund.state as string })),
      explanation: reasonsOf(order),
      conflicts: order.conflicts.map((event_id) => ({ event_id })),
    }));
    this.engagements = mapped(engagements, (engagement, id) => ({
      ...engagement,
      awards: engagement.awards.map((award) => awardRead('engagement', id, award)),
      explanation: reasonsOf(engagement),
      conflicts: engagement.conflicts.map((event_id) => ({ event_id })),
    }));
    this.reviews = mapped(reviews, (review) => ({ ...review }));
    this.redemptions = mapped(redemptions, ({ split, state, ...redemption }) =>
      state === 'refused'
        ? undefined
        : {
            ...redemption,
            redeemed_at: '2027-04-10T03:00:00Z',
            lots: split.map(({ kind, ref, rule, units }) => ({
              award_id: `${kind} ${ref} ${rule} ${redemption.wallet}`,
              units,
            })),
          },
    );
  }

  get reads(): ProgramReads {
    return {
      wallets: async (memberId) => this.wallets[memberId] ?? [],
      lots: async (memberId, wallet) => this.lots[memberId]?.[wallet] ?? [],
      purchase: async (orderId) => this.purchases[orderId],
      awards: async (orderId) => this.purchases[orderId]?.awards ?? [],
      engagement: async (id) => this.engagements[id],
      review: async (id) => this.reviews[id],
      redemption: async (id) => this.redemptions[id],
    };
  }
}

function mapped<T, R>(values: ReadonlyMap<string, T>, of: (value: T, id: string) => R): Record<string, R> {
  return Object.fromEntries([...values].map(([id, value]) => [id, of(value, id)]));
}

const reasonsOf = ({
  awards,
  not_awarded: nothing,
}: {
  readonly awards: readonly CalculatedAward[];
  readonly not_awarded: readonly Readonly<{ rule: string; wallet: string; reason: string }>[];
}) => [
  ...nothing.map(({ rule, wallet, reason }) => ({ rule, wallet, reason })),
  ...awards
    .filter(({ cut_from: cut }) => cut !== undefined)
    .map(({ rule, wallet }) => ({ rule, wallet, reason: 'cap_partly' })),
];
