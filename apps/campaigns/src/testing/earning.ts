import { instant, type Instant } from '@kizuna/kernel';
import type { CapUsage } from '../domain/cap.js';
import { conditionsOf } from '../domain/conditions.js';
import { decideAwards } from '../domain/decide-awards.js';
import type { EarningRule, Multiplier, Reward } from '../domain/earning-rule.js';
import { eligibleBase } from '../domain/eligible-base.js';
import type { DecidingSettings, ProgramRules } from '../domain/program-rules.js';
import { purchaseContext, type PurchaseFacts } from '../domain/purchase-context.js';

/** Saturday 10 April 2027, 10:00 in Tokyo. */
export const SATURDAY = instant('2027-04-10T01:00:00Z');

export const SETTINGS: DecidingSettings = {
  rounding: 'floor',
  roundingScope: 'order',
  bonusFrom: 'exact',
  currency: 'JPY',
  maxAward: 1_000_000_000,
  earnNetOfTax: true,
  lateWindowDays: 30,
  clawbackPolicy: 'negative',
  timeZone: 'Asia/Tokyo',
  returnWindowDays: null,
  minLifeDays: 90,
  expiry: new Map(),
};

export const perHundred: Reward = {
  kind: 'base_rate',
  rates: [{ currency: 'JPY', units: 1, per_minor: 100 }],
};

export const times = (factor: number, group: string, mode: Multiplier['mode'] = 'additive'): Multiplier => ({
  kind: 'multiplier',
  multiplier_bp: Math.round(factor * 10_000),
  group,
  mode,
});

export function rule(code: string, given: Partial<EarningRule> = {}): EarningRule {
  return {
    code,
    version: 1,
    label: code,
    labelJa: undefined,
    trigger: { kind: 'purchase' },
    wallet: 'points',
    priority: 0,
    conditions: [],
    lineFilter: {},
    minimumEligible: undefined,
    reward: perHundred,
    cap: undefined,
    pending: undefined,
    expiry: undefined,
    state: 'active',
    validFrom: instant('2027-01-01T00:00:00Z'),
    validTo: undefined,
    ruleSetRevision: 1,
    ...given,
  };
}

export const BASE = rule('BASE');
export const TEA = rule('TEA', { lineFilter: { categories: ['tea'] }, reward: times(2, 'campaign') });
export const BRANCH = rule('BRANCH', { reward: times(1.25, 'tier') });
export const BIG = rule('BIG', { reward: { kind: 'fixed', units: 300 }, minimumEligible: 10_000 });

export type Line = Partial<PurchaseFacts['lines'][number]>;
export interface Basket extends Partial<Omit<PurchaseFacts, 'lines'>> {
  readonly lines: readonly Line[];
}

export const tea = (unit_price_minor: number, more: Line = {}): Line => ({
  unit_price_minor,
  category: 'tea',
  ...more,
});
export const ware = (unit_price_minor: number, more: Line = {}): Line => ({
  unit_price_minor,
  category: 'ware',
  ...more,
});

export function purchase({ lines, ...more }: Basket): PurchaseFacts {
  return {
    currency: 'JPY',
    channel: 'web',
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
    ...more,
    lines: lines.map((line, i) => ({
      line_id: String(i + 1),
      sku: `sku-${i + 1}`,
      quantity: 1,
      unit_price_minor: 0,
      discount_minor: 0,
      ...line,
    })),
  };
}

export interface EarnOptions {
  readonly settings?: Partial<DecidingSettings>;
  readonly usage?: Readonly<Record<string, CapUsage>>;
  readonly orders?: number;
  readonly occurredAt?: Instant;
}

/** Decides a basket as the room does, and gives the figures as numbers by rule. */
export function earn(basket: Basket, rules: readonly EarningRule[] = [BASE], options: EarnOptions = {}) {
  const { usage = {}, orders, occurredAt = SATURDAY } = options;
  const settings = { ...SETTINGS, ...options.settings };
  const facts = purchase(basket);
  const bases = eligibleBase(facts, settings);
  const outcomes = decideAwards(facts, bases, rules, settings, {
    answerOf: conditionsOf(() =>
      purchaseContext(facts, bases, { orders, occurredAt, timeZone: settings.timeZone }),
    ),
    usageOf: ({ code }) => usage[code] ?? { awards: 0, units: 0n },
    maxAward: settings.maxAward,
  });
  const given = outcomes.filter(({ amount }) => amount > 0n);
  const byCode = <Value>(pick: (outcome: (typeof outcomes)[number]) => Value): Record<string, Value> =>
    Object.fromEntries(outcomes.map((outcome) => [outcome.rule.code, pick(outcome)]));
  return {
    outcomes,
    paid: bases.map(({ paid }) => Number(paid)),
    eligible: bases.map(({ eligible }) => Number(eligible)),
    awards: Object.fromEntries(given.map(({ rule: { code }, amount }) => [code, Number(amount)])),
    lines: Object.fromEntries(given.map(({ rule: { code }, lines }) => [code, lines.map(Number)])),
    reasons: byCode(({ reason }) => reason),
    sum: Number(outcomes.reduce((sum, { amount }) => sum + amount, 0n)),
  };
}

export function program(
  versions: readonly EarningRule[],
  settings: Partial<DecidingSettings> = {},
): ProgramRules {
  return {
    versions,
    ruleSetRevision: 1,
    settingsRevision: 1,
    settings: { ...SETTINGS, ...settings },
  };
}
