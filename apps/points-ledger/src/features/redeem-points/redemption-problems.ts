import { Problem } from '@kizuna/service';
import type { RedemptionRejection } from '../../domain/redeem.js';

type Facts<Code extends RedemptionRejection['code']> = Extract<RedemptionRejection, { code: Code }>;

const problems = {
  unknown_wallet: () =>
    new Problem(422, 'unknown_wallet', {
      detail: 'the program has no such wallet',
      errors: at('/wallet', 'is not known'),
    }),
  below_minimum_units: ({ minimum, required }: Facts<'below_minimum_units'>) =>
    new Problem(422, 'below_minimum_units', {
      detail: `at least ${minimum} units are redeemed at a time, not ${required}`,
      errors: at('/units', `must be at least ${minimum}`),
      facts: { minimum, required },
    }),
  not_a_step: ({ step, required }: Facts<'not_a_step'>) =>
    new Problem(422, 'not_a_step', {
      detail: `units are redeemed in steps of ${step}, and ${required} is none`,
      errors: at('/units', `must be a multiple of ${step}`),
      facts: { step, required },
    }),
  foreign_currency: ({ currency, expected }: Facts<'foreign_currency'>) =>
    new Problem(422, 'foreign_currency', {
      detail: `units of this wallet are worth ${expected}, and the order is in ${currency}`,
      errors: at('/order/currency', `must be ${expected}`),
      facts: { currency, expected },
    }),
  above_order_share: ({ max_share_bp, value, order }: Facts<'above_order_share'>) =>
    new Problem(422, 'above_order_share', {
      detail: `units may pay ${max_share_bp / 100} % of an order of ${order.minor}, and these are worth ${value.minor}`,
      errors: at('/units', 'are worth more than their share of the order'),
      facts: { max_share_bp, value, order },
    }),
  in_debt: ({ debt }: Facts<'in_debt'>) =>
    new Problem(422, 'in_debt', { detail: `the member owes ${debt} units of this wallet`, facts: { debt } }),
  insufficient_points: ({ available, required }: Facts<'insufficient_points'>) =>
    new Problem(422, 'insufficient_points', {
      detail: `${required} units are asked for and ${available} are available`,
      facts: { available, required },
    }),
} satisfies {
  [Code in RedemptionRejection['code']]: (rejection: Facts<Code>) => Problem;
};

const at = (pointer: string, detail: string) => [{ pointer, detail }];

/** A refusal as it is told, now and whenever it is asked for again. */
export function problemOf(rejection: RedemptionRejection): Problem {
  return problems[rejection.code](rejection as never);
}
