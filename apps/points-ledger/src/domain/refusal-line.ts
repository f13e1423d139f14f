import type { RedemptionRejection } from './redeem.js';
import { unitsOf, type Sentence } from './statement-line.js';

type Facts<Code extends RedemptionRejection['code']> = Extract<RedemptionRejection, { code: Code }>;

/** A refused redemption as a member may read it: what was asked for, and what stood in its way. */
export function refusalLine(
  { wallet, units }: { readonly wallet: string; readonly units: number },
  refusal: RedemptionRejection,
): Sentence {
  const asked = unitsOf(units, wallet);
  const reason = reasons[refusal.code](refusal as never, wallet);
  return {
    en: `${asked.en} could not be used: ${reason.en}.`,
    ja: `${asked.ja}を利用できませんでした。${reason.ja}。`,
  };
}

const reasons = {
  unknown_wallet: (_: Facts<'unknown_wallet'>, wallet: string) => ({
    en: `there is no wallet ${wallet}`,
    ja: `${wallet} というウォレットはありません`,
  }),
  below_minimum_units: ({ minimum }: Facts<'below_minimum_units'>, wallet: string) => {
    const least = unitsOf(minimum, wallet);
    return {
      en: `at least ${least.en} must be used at a time`,
      ja: `一度に${least.ja}以上のご利用が必要です`,
    };
  },
  not_a_step: ({ step }: Facts<'not_a_step'>, wallet: string) => {
    const steps = unitsOf(step, wallet);
    return { en: `they are used in steps of ${steps.en}`, ja: `ご利用は${steps.ja}単位です` };
  },
  foreign_currency: ({ currency, expected }: Facts<'foreign_currency'>) => ({
    en: `the order is in ${currency}, and they pay in ${expected}`,
    ja: `ご注文は ${currency} 建てですが、利用できるのは ${expected} 建てのご注文です`,
  }),
  above_order_share: ({ max_share_bp }: Facts<'above_order_share'>) => ({
    en: `they may pay at most ${max_share_bp / 100}% of an order`,
    ja: `ご利用はご注文金額の${max_share_bp / 100}%までです`,
  }),
  in_debt: ({ debt }: Facts<'in_debt'>, wallet: string) => {
    const owed = unitsOf(debt, wallet);
    return { en: `${owed.en} ${debt === 1 ? 'is' : 'are'} still owed`, ja: `${owed.ja}の不足があります` };
  },
  insufficient_points: ({ available }: Facts<'insufficient_points'>, wallet: string) => {
    const left = unitsOf(available, wallet);
    return {
      en: `${left.en} ${available === 1 ? 'is' : 'are'} available`,
      ja: `利用できるのは${left.ja}です`,
    };
  },
} satisfies {
  [Code in RedemptionRejection['code']]: (refusal: Facts<Code>, wallet: string) => Sentence;
};
