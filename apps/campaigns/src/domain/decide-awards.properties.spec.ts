import fc from 'fast-check';
import { baskets, roundings, ruleSets } from '../testing/arbitrary-earning.js';
import { earn } from '../testing/earning.js';
import { matchesLine } from './earning-rule.js';

const cases = fc.record({ basket: baskets, rules: ruleSets, settings: roundings });

describe('laws of awards', () => {
  it('the lines of an award sum to it, unless it belongs to none', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        for (const { rule, amount, lines } of earn(basket, rules, { settings }).outcomes) {
          const spread = lines.reduce((sum, units) => sum + units, 0n);
          expect(spread).toBe(rule.reward.kind === 'fixed' ? 0n : amount);
          expect(lines.every((units) => units >= 0n)).toBe(true);
        }
      }),
    ));

  it('every rule has one outcome, and one that gives nothing says why', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        const { outcomes } = earn(basket, rules, { settings });
        expect(outcomes.map(({ rule: { code } }) => code).sort()).toEqual(
          rules.map(({ code }) => code).sort(),
        );
        for (const { amount, reason } of outcomes) expect(amount > 0n).toBe(reason === undefined);
      }),
    ));

  it('do not depend on the order of the rules', () =>
    fc.assert(
      fc.property(
        cases.chain((one) =>
          fc.record({
            one: fc.constant(one),
            shuffled: fc.shuffledSubarray(one.rules, { minLength: one.rules.length }),
          }),
        ),
        ({ one: { basket, rules, settings }, shuffled }) => {
          expect(earn(basket, shuffled, { settings }).lines).toEqual(earn(basket, rules, { settings }).lines);
        },
      ),
    ));

  it('amounts do not depend on the order of the lines, where nothing is shared out by line order', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        const plain = { ...basket, discount_minor: 0, tax_minor: 0, paid_with_points_minor: 0 };
        // Whole units are shared out by line order, so what works on them may differ by it.
        const scope = { ...settings, bonusFrom: 'exact' } as const;
        const turned = { ...plain, lines: plain.lines.toReversed() };
        expect(earn(turned, rules, { settings: scope }).awards).toEqual(
          earn(plain, rules, { settings: scope }).awards,
        );
      }),
    ));

  it('a base award does not change because a bonus is on', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        const isBonus = (kind: string): boolean => kind === 'multiplier' || kind === 'fixed';
        const bases = rules.filter(({ reward }) => !isBonus(reward.kind));
        expect(earn(basket, rules, { settings }).lines).toMatchObject(
          earn(basket, bases, { settings }).lines,
        );
      }),
    ));

  it('all awards of a wallet together are its exact units, rounded once', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        const exactly = {
          ...settings,
          roundingScope: 'order',
          bonusFrom: 'exact',
          rounding: 'floor',
        } as const;
        const { outcomes } = earn(
          basket,
          rules.filter(({ minimumEligible }) => minimumEligible === undefined),
          { settings: exactly },
        );
        for (const wallet of new Set(outcomes.map(({ rule }) => rule.wallet))) {
          const chain = outcomes.filter(({ rule }) => rule.wallet === wallet && rule.reward.kind !== 'fixed');
          const amount = chain.reduce((sum, outcome) => sum + outcome.amount, 0n);
          const scale = chain.reduce((product, { exact }) => product * exact.denominator, 1n);
          const exact = chain.reduce(
            (sum, one) => sum + one.exact.numerator * (scale / one.exact.denominator),
            0n,
          );
          expect(amount).toBe(exact / scale);
        }
      }),
    ));

  it('no line earns from a rule that does not look at it', () =>
    fc.assert(
      fc.property(cases, ({ basket, rules, settings }) => {
        for (const { rule, lines } of earn(basket, rules, { settings }).outcomes)
          basket.lines.forEach((line, i) => {
            if (!matchesLine(rule.lineFilter, line)) expect(lines[i]).toBe(0n);
          });
      }),
    ));

  it('a cap is never passed, and leaves what the rule gave without it when there is room', () =>
    fc.assert(
      fc.property(
        cases,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 400 }),
        (one, units, used) => {
          const { basket, settings } = one;
          const usage = { B: { awards: 1, units: BigInt(used) } };
          const capped = one.rules.map((rule) => (rule.code === 'B' ? { ...rule, cap: { units } } : rule));
          const before = earn(basket, one.rules, { settings }).awards;
          const after = earn(basket, capped, { settings, usage }).awards;
          expect(after).toEqual({
            ...before,
            ...(before['B'] === undefined
              ? {}
              : { B: Math.max(0, Math.min(before['B'], units - used)) || undefined }),
          });
        },
      ),
    ));
});
