import { unitsLeft } from './cap.js';
import type { EarningRule } from './earning-rule.js';
import type { ReviewReason } from './order.js';
import { HARD_LIMIT } from './program-rules.js';
import type { OutcomeReason, RuleOutcome } from './rule-outcome.js';

/** One sentence in the languages of this system. */
export interface Words {
  readonly en: string;
  readonly ja: string;
}

export const GUEST_WORDS: Words = {
  en: 'A guest earns nothing.',
  ja: '会員登録のないお買い物には付与はありません。',
};
export const REVIEW_WORDS: Readonly<Record<ReviewReason, Words>> = {
  late: {
    en: 'It comes so long after it happened that somebody has to look at it before it can earn.',
    ja: '受付期間を過ぎているため、担当者の確認が終わるまで付与はありません。',
  },
  amount_over_limit: {
    en: 'It would give more than one award may be, so somebody has to look at it before it can earn.',
    ja: '1回の付与の上限を超えるため、担当者の確認が終わるまで付与はありません。',
  },
};
export const NO_RULE_WORDS = {
  no_rule_in_force: {
    en: 'No rule for purchases was in force at that time.',
    ja: 'その時点で有効なお買い物のルールがないため、付与はありません。',
  },
  no_rule_for_activity: {
    en: 'No rule for this activity was in force at that time.',
    ja: 'その時点で有効なこのアクティビティのルールがないため、付与はありません。',
  },
} as const satisfies Readonly<Record<string, Words>>;
export const REFUSED_WORDS: Words = {
  en: 'Somebody has looked at it and refused it.',
  ja: '確認の結果、付与の対象外となりました。',
};

const MULTIPLE = 10_000;
const PERCENT = 100;

const formats = new Map<string, Intl.NumberFormat>();

function moneyFormat(locale: string, currency: string): Intl.NumberFormat {
  const name = `${locale} ${currency}`;
  const known = formats.get(name) ?? new Intl.NumberFormat(locale, { style: 'currency', currency });
  formats.set(name, known);
  return known;
}

/** Money in words. Written from its digits: an amount is never a float, not even to be shown. */
function money(minor: bigint | number, currency: string): Words {
  const written = (locale: string): string => {
    const format = moneyFormat(locale, currency);
    const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
    const text = String(minor).padStart(digits + 1, '0');
    const whole = text.slice(0, text.length - digits);
    const exact = digits === 0 ? whole : `${whole}.${text.slice(text.length - digits)}`;
    return format.format(exact as unknown as number);
  };
  return { en: written('en'), ja: written('ja') };
}

const number = (value: bigint | number): string => value.toLocaleString('en');

/** A wallet whose name is a plural, like `points`; those that only end like one (bonus, gas) stay as they are. */
const PLURAL = /[^aiosu]s$/;

const counted = (amount: bigint, wallet: string): string =>
  `${number(amount)} ${amount === 1n && PLURAL.test(wallet) ? wallet.slice(0, -1) : wallet}`;

/** Why a rule gave what it gave, or nothing, in one sentence. Money is in the currency of the purchase. */
export function outcomeWords(outcome: RuleOutcome, currency: string): Words {
  const { rule, reason } = outcome;
  const name = { en: rule.label, ja: rule.labelJa ?? rule.label };
  const grant = reason && reason.code !== 'cap_partly' ? undefined : grantWords(outcome, currency);
  const why = reason && reasonWords(reason, rule, currency);
  const parts = [grant, why].filter((part) => part !== undefined);
  return {
    en: `${name.en}: ${parts.map(({ en }) => en).join('; ')}.`,
    ja: `${name.ja}:${parts.map(({ ja }) => ja).join('。')}。`,
  };
}

function grantWords(outcome: RuleOutcome, currency: string): Words {
  const { rule, amount, eligible, rate } = outcome;
  const given = counted(amount, rule.wallet);
  const base = money(eligible, currency);
  switch (rule.reward.kind) {
    case 'fixed':
      return { en: `${given}, a fixed amount`, ja: `${given}(定額)` };
    case 'multiplier': {
      const times = rule.reward.multiplier_bp / MULTIPLE;
      return {
        en: `${given}, ${times}× on ${base.en}, what it adds to the base`,
        ja: `${given}、${base.ja}が${times}倍(基本分への上乗せ)`,
      };
    }
    case 'cashback': {
      const percent = rule.reward.percent_bp / PERCENT;
      return { en: `${given}, ${percent}% of ${base.en}`, ja: `${given}、${base.ja}の${percent}%` };
    }
    case 'base_rate': {
      const step = money(rate?.per_minor ?? 0, currency);
      const units = number(rate?.units ?? 0);
      const isStep = rule.reward.accrual === 'per_step';
      return {
        en: `${given}, ${units} per ${isStep ? 'full ' : ''}${step.en} of ${base.en}`,
        ja: `${given}、${base.ja}に対し${step.ja}${isStep ? 'の満額' : ''}ごとに${units}`,
      };
    }
  }
}

function reasonWords(reason: OutcomeReason, rule: EarningRule, currency: string): Words {
  return words[reason.code](reason as never, rule, currency);
}

type Of<Code extends OutcomeReason['code']> = Extract<OutcomeReason, { readonly code: Code }>;

const words = {
  condition_not_met: ({ condition }: Of<'condition_not_met'>) => ({
    en: `nothing, because “${condition.label}” does not hold`,
    ja: `条件「${condition.labelJa ?? condition.label}」に当てはまらないため、付与はありません`,
  }),
  rule_failed: ({ condition }: Of<'rule_failed'>) => ({
    en: `nothing, because “${condition.label}” could not be evaluated`,
    ja: `条件「${condition.labelJa ?? condition.label}」を判定できなかったため、付与はありません`,
  }),
  no_line_matched: () => ({
    en: 'nothing, because no line of the order is among its goods',
    ja: '対象の商品が注文に含まれていないため、付与はありません',
  }),
  nothing_eligible: () => ({
    en: 'nothing, because nothing that was paid for it can earn',
    ja: '付与の対象となる金額がないため、付与はありません',
  }),
  below_minimum: ({ eligible, minimum }: Of<'below_minimum'>, _: EarningRule, currency: string) => {
    const [has, needs] = [money(eligible, currency), money(minimum, currency)];
    return {
      en: `nothing, because the order counts ${has.en} and ${needs.en} is needed`,
      ja: `対象金額${has.ja}が下限の${needs.ja}に満たないため、付与はありません`,
    };
  },
  currency_not_covered: ({ currency }: Of<'currency_not_covered'>) => ({
    en: `nothing, because it has no rate for ${currency}`,
    ja: `通貨${currency}のレートがないため、付与はありません`,
  }),
  rounds_to_zero: () => ({
    en: 'nothing, because it comes to less than one unit',
    ja: '1単位に満たないため、付与はありません',
  }),
  beaten: ({ by }: Of<'beaten'>) => ({
    en: `nothing, because ${by} counts instead`,
    ja: `${by}が優先されるため、付与はありません`,
  }),
  cap_reached: (reason: Of<'cap_reached'>) => {
    const { cap, used, uncapped } = reason;
    const left = unitsLeft(cap, used);
    // Something is left, and the rule gives it to nobody.
    if (left !== undefined && left > 0n) {
      const [has, of, needs] = [number(left), number(cap.units ?? 0), number(uncapped)];
      return {
        en: `nothing, because ${has} of ${of} ${left === 1n ? 'is' : 'are'} left in the month, ${needs} would be needed, and the rule gives all or nothing`,
        ja: `月の上限${of}のうち残りは${has}で、必要な${needs}に足りず、一部だけの付与は行わないため、付与はありません`,
      };
    }
    const limit = capWords(reason);
    return {
      en: `nothing, because the month's limit of ${limit.en} is used up`,
      ja: `月の上限(${limit.ja})に達したため、付与はありません`,
    };
  },
  cap_partly: (reason: Of<'cap_partly'>) => {
    const limit = capWords(reason);
    const wanted = number(reason.uncapped);
    return {
      en: `that is what was left of the month's limit of ${limit.en}, instead of ${wanted}`,
      ja: `本来は${wanted}ですが、月の上限(${limit.ja})の残りだけを付与しました`,
    };
  },
  amount_over_limit: ({ uncapped, limit }: Of<'amount_over_limit'>) => {
    const [wanted, most] = [number(uncapped), number(limit)];
    // No release lifts the last limit: there is nothing to wait for.
    return limit >= BigInt(HARD_LIMIT)
      ? {
          en: `nothing, because ${wanted} is more than the ${most} that any award may be`,
          ja: `${wanted}は付与できる最大の${most}を超えるため、付与はありません`,
        }
      : {
          en: `nothing yet, because ${wanted} is more than the ${most} that one award may be`,
          ja: `${wanted}は1回の上限${most}を超えるため、確認待ちです`,
        };
  },
} satisfies {
  [Code in OutcomeReason['code']]: (reason: Of<Code>, rule: EarningRule, currency: string) => Words;
};

function capWords({ cap }: Of<'cap_reached' | 'cap_partly'>): Words {
  const en: string[] = [];
  const ja: string[] = [];
  if (cap.awards !== undefined) {
    en.push(`${number(cap.awards)} ${cap.awards === 1 ? 'award' : 'awards'}`);
    ja.push(`${number(cap.awards)}回`);
  }
  if (cap.units !== undefined) {
    en.push(`${number(cap.units)} ${cap.units === 1 ? 'unit' : 'units'}`);
    ja.push(`${number(cap.units)}単位`);
  }
  return { en: en.join(' and '), ja: ja.join('・') };
}
