import type { Candidate } from './base-units.js';
import { byText, type EarningRule, type Multiplier } from './earning-rule.js';
import { BASIS_POINTS, type LineUnits } from './line-units.js';

/** The surplus that a multiplier adds to the base. */
export interface BonusUnits extends Candidate {
  readonly units: LineUnits;
  /** The lines on which it counts: under `best`, those where no larger one of its group does. */
  readonly countedLines: readonly number[];
  /** The rule that was larger on the first of its lines, where it counts on none. */
  readonly beatenBy: string | undefined;
}

interface Member extends Candidate {
  readonly reward: Multiplier;
  readonly matches: ReadonlySet<number>;
}

/**
 * What the multipliers of one wallet add to its base, by group, then code. Groups are additive across: each of them works
 * on the base alone. A multiplier "5×" includes the base, so its surplus is base × 4.
 */
export function bonusUnits(candidates: readonly Candidate[], base: LineUnits): BonusUnits[] {
  const members = candidates.flatMap(({ rule, matched }): Member[] =>
    rule.reward.kind === 'multiplier'
      ? [{ rule, matched, reward: rule.reward, matches: new Set(matched) }]
      : [],
  );
  const groups = Map.groupBy(members, ({ reward }) => reward.group);
  return [...groups.entries()]
    .sort(([a], [b]) => byText(a, b))
    .flatMap(([, group]) => {
      const inOrder = group.sort((a, b) => byText(a.rule.code, b.rule.code));
      // A group has one mode: the rules that would bring another are refused at the door.
      const mode = inOrder[0]?.reward.mode;
      if (mode === 'best') return best(inOrder, base);
      return mode === 'multiplicative' ? multiplicative(inOrder, base) : additive(inOrder, base);
    });
}

const surplus = ({ multiplier_bp }: Multiplier): bigint => BigInt(multiplier_bp) - BASIS_POINTS;

/** Per line only the largest counts; of equal ones the first by code. */
function best(group: readonly Member[], base: LineUnits): BonusUnits[] {
  const winners = base.numerators.map((_, line) =>
    group.reduce<Member | undefined>((largest, member) => {
      if (!member.matches.has(line)) return largest;
      return !largest || member.reward.multiplier_bp > largest.reward.multiplier_bp ? member : largest;
    }, undefined),
  );
  return group.map((member) => {
    const countedLines = member.matched.filter((line) => winners[line] === member);
    const beatenBy = countedLines.length === 0 ? winners[member.matched[0] ?? -1]?.rule.code : undefined;
    return bonusOf(member, countedLines, beatenBy, {
      numerators: base.numerators.map((units, line) =>
        winners[line] === member ? units * surplus(member.reward) : 0n,
      ),
      denominator: base.denominator * BASIS_POINTS,
    });
  });
}

/** Each adds base × (m − 1). */
function additive(group: readonly Member[], base: LineUnits): BonusUnits[] {
  return group.map((member) =>
    bonusOf(member, member.matched, undefined, {
      numerators: base.numerators.map((units, line) =>
        member.matches.has(line) ? units * surplus(member.reward) : 0n,
      ),
      denominator: base.denominator * BASIS_POINTS,
    }),
  );
}

/** In chain order each adds what it multiplies the product so far by. */
function multiplicative(group: readonly Member[], base: LineUnits): BonusUnits[] {
  let products = base.numerators;
  let { denominator } = base;
  return group.map((member) => {
    const before = products;
    denominator *= BASIS_POINTS;
    products = before.map(
      (units, line) =>
        units * (member.matches.has(line) ? BigInt(member.reward.multiplier_bp) : BASIS_POINTS),
    );
    return bonusOf(member, member.matched, undefined, {
      numerators: products.map((units, line) => units - (before[line] ?? 0n) * BASIS_POINTS),
      denominator,
    });
  });
}

const bonusOf = (
  { rule, matched }: { readonly rule: EarningRule; readonly matched: readonly number[] },
  countedLines: readonly number[],
  beatenBy: string | undefined,
  units: LineUnits,
): BonusUnits => ({ rule, matched, countedLines, beatenBy, units });
