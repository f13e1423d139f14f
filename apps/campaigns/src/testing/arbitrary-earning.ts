import fc from 'fast-check';
import type { EarningRule, GroupMode } from '../domain/earning-rule.js';
import type { DecidingSettings } from '../domain/program-rules.js';
import type { PurchaseFacts } from '../domain/purchase-context.js';
import { purchase, rule } from './earning.js';

const CATEGORIES = ['tea', 'ware'] as const;
const GROUP_MODES: Readonly<Record<string, GroupMode>> = { a: 'best', b: 'additive', c: 'multiplicative' };

export const baskets: fc.Arbitrary<PurchaseFacts> = fc
  .record({
    lines: fc.array(
      fc.record({
        category: fc.constantFrom(...CATEGORIES),
        quantity: fc.integer({ min: 1, max: 4 }),
        unit_price_minor: fc.integer({ min: 0, max: 60_000 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    discount_minor: fc.integer({ min: 0, max: 2_000 }),
    tax_minor: fc.integer({ min: 0, max: 3_000 }),
    paid_with_points_minor: fc.integer({ min: 0, max: 2_000 }),
    prices_include_tax: fc.boolean(),
  })
  .map(purchase);

const filters = fc.option(
  fc.constantFrom(...CATEGORIES).map((category) => ({ categories: [category] })),
  { nil: {} },
);
const minimums = fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined });
const common = { lineFilter: filters, minimumEligible: minimums, priority: fc.integer({ min: 0, max: 2 }) };

const baseRule = (code: string): fc.Arbitrary<EarningRule> =>
  fc
    .record({
      ...common,
      units: fc.integer({ min: 1, max: 5 }),
      per_minor: fc.integer({ min: 1, max: 300 }),
      accrual: fc.constantFrom('exact', 'per_step'),
    })
    .map(({ units, per_minor, accrual, ...more }) =>
      rule(code, {
        ...more,
        reward: { kind: 'base_rate', accrual, rates: [{ currency: 'JPY', units, per_minor }] },
      }),
    );

const multiplierRule = (code: string): fc.Arbitrary<EarningRule> =>
  fc
    .record({
      ...common,
      multiplier_bp: fc.integer({ min: 10_001, max: 50_000 }),
      group: fc.constantFrom(...Object.keys(GROUP_MODES)),
    })
    .map(({ multiplier_bp, group, ...more }) =>
      rule(code, {
        ...more,
        reward: { kind: 'multiplier', multiplier_bp, group, mode: GROUP_MODES[group] ?? 'best' },
      }),
    );

const fixedRule = (code: string): fc.Arbitrary<EarningRule> =>
  fc
    .record({ ...common, units: fc.integer({ min: 1, max: 500 }) })
    .map(({ units, ...more }) => rule(code, { ...more, reward: { kind: 'fixed', units } }));

const cashbackRule = (code: string): fc.Arbitrary<EarningRule> =>
  fc
    .record({ ...common, percent_bp: fc.integer({ min: 1, max: 2_000 }) })
    .map(({ percent_bp, ...more }) =>
      rule(code, { ...more, wallet: 'cashback', reward: { kind: 'cashback', percent_bp } }),
    );

const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;

/** Rules of every kind, each code once; none has a condition or a cap. */
export const ruleSets: fc.Arbitrary<EarningRule[]> = fc
  .tuple(
    baseRule('BASE'),
    ...LETTERS.map((code) =>
      fc.option(fc.oneof(baseRule(code), multiplierRule(code), fixedRule(code), cashbackRule(code)), {
        nil: undefined,
      }),
    ),
  )
  .map((rules) => rules.filter((one) => one !== undefined));

export const roundings: fc.Arbitrary<Pick<DecidingSettings, 'rounding' | 'roundingScope' | 'bonusFrom'>> =
  fc.record({
    rounding: fc.constantFrom('floor', 'half_even', 'ceil'),
    roundingScope: fc.constantFrom('order', 'line'),
    bonusFrom: fc.constantFrom('exact', 'rounded_base'),
  });
