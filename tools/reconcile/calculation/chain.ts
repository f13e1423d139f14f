import { isInFilter } from './amounts.js';
import {
  at,
  fraction,
  minor,
  plus,
  rounded,
  shareExactly,
  sum,
  times,
  total,
  whole,
  ZERO,
  type Fraction,
} from './exact.js';
import type { ProgramFacts, Purchase, Reward } from './requests.js';
import type { RuleVersion } from './rule-book.js';

/** One rule in the chain of a wallet: its exact units on every line. */
interface Link {
  readonly version: RuleVersion;
  readonly weights: readonly Fraction[];
}

export interface ChainAward extends Link {
  readonly amount: bigint;
  readonly units: readonly bigint[];
}

export interface ChainResult {
  readonly awards: readonly ChainAward[];
  /** Rules that got no unit of any line, not even a part of one. */
  readonly beaten: readonly RuleVersion[];
  readonly nothing: readonly RuleVersion[];
  readonly uncovered: readonly RuleVersion[];
}

interface Order {
  readonly purchase: Purchase;
  readonly eligible: readonly bigint[];
}

type RewardOf<K extends Reward['kind']> = Extract<Reward, { kind: K }>;
const rewardOf = <K extends Reward['kind']>(kind: K, { rule }: RuleVersion): RewardOf<K> | undefined =>
  rule.reward.kind === kind ? (rule.reward as RewardOf<K>) : undefined;

/** Highest priority first, then code. */
function byPriority(a: RuleVersion, b: RuleVersion): number {
  return (b.rule.priority ?? 0) - (a.rule.priority ?? 0) || (a.rule.code < b.rule.code ? -1 : 1);
}

/**
 * The awards of one wallet before caps. The rules given are those whose conditions and minimum hold; each line belongs to
 * the first base rule that matches it, and rounding is cumulative along the chain.
 */
export function chainOf(rules: readonly RuleVersion[], order: Order, program: ProgramFacts): ChainResult {
  const bases = rules
    .filter(({ rule }) => ['base_rate', 'cashback'].includes(rule.reward.kind))
    .sort(byPriority);
  const owners = order.purchase.lines.map((line) =>
    bases.find(({ rule }) => isInFilter(rule.line_filter, line)),
  );
  const owning = bases.filter((version) => owners.includes(version));
  const uncovered = owning.filter((version) => rateOf(version, order.purchase, program) === undefined);
  const baseLinks = owning
    .filter((version) => !uncovered.includes(version))
    .map((version) => ({ version, weights: baseWeights(version, owners, order, program) }));

  const isLineByLine = program.rounding_scope === 'line';
  const rounding = new Rounded(program.rounding, isLineByLine, order.eligible.length);
  const baseAwards = baseLinks.map((link) => rounding.next(link));
  const isRoundedBase = program.bonus_from === 'rounded_base';
  const base = order.eligible.map((_, i) =>
    total(baseAwards.map(({ units, weights }) => (isRoundedBase ? whole(at(units, i)) : at(weights, i)))),
  );
  if (isRoundedBase) rounding.startFrom(base);
  const bonusLinks = bonusesOn(base, rules, order.purchase);
  const bonusAwards = bonusLinks.filter(isSomething).map((link) => rounding.next(link));

  const empty = bonusLinks.filter((link) => !isSomething(link)).map(({ version }) => version);
  const hasBase = ({ rule }: RuleVersion): boolean =>
    order.purchase.lines.some((line, i) => isInFilter(rule.line_filter, line) && at(base, i).n > 0n);
  return {
    awards: [...baseAwards.filter(isSomething), ...bonusAwards],
    beaten: [...bases.filter((version) => !owning.includes(version)), ...empty.filter(hasBase)],
    nothing: [
      ...baseAwards.filter((award) => !isSomething(award)).map(({ version }) => version),
      ...empty.filter((version) => !hasBase(version)),
    ],
    uncovered,
  };
}

const isSomething = ({ weights }: Link): boolean => weights.some(({ n }) => n > 0n);

/** Units per minor unit of the order's currency. Cashback gives minor units of the program's currency. */
export function rateOf(
  version: RuleVersion,
  purchase: Purchase,
  program: ProgramFacts,
): Fraction | undefined {
  const cashback = rewardOf('cashback', version);
  if (cashback)
    return purchase.currency === program.currency ? ofBasisPoints(cashback.percent_bp) : undefined;
  const rate = rewardOf('base_rate', version)?.rates.find(({ currency }) => currency === purchase.currency);
  return rate && fraction(minor(rate.units), minor(rate.per_minor));
}

const ofBasisPoints = (points: number): Fraction => fraction(minor(points), 10_000n);

function baseWeights(
  version: RuleVersion,
  owners: readonly (RuleVersion | undefined)[],
  { purchase, eligible }: Order,
  program: ProgramFacts,
): Fraction[] {
  const base = rewardOf('base_rate', version);
  const own = eligible.map((value, i) => (owners[i] === version ? value : 0n));
  const rate = base?.rates.find(({ currency }) => currency === purchase.currency);
  if (base?.accrual !== 'per_step' || rate === undefined) {
    const perMinor = rateOf(version, purchase, program) ?? ZERO;
    return own.map((value) => times(whole(value), perMinor));
  }
  // Only full steps count: of the whole base of the rule, or of each line where fractions are cut on every line.
  const stepped = (value: bigint): bigint => (value / minor(rate.per_minor)) * minor(rate.units);
  if (program.rounding_scope === 'line') return own.map((value) => whole(stepped(value)));
  const all = sum(own);
  return own.map((value) => (all === 0n ? ZERO : fraction(stepped(all) * value, all)));
}

/** Groups add up; inside a group, per line: the best alone, each on the base, or each on what came before it. */
function bonusesOn(base: readonly Fraction[], rules: readonly RuleVersion[], purchase: Purchase): Link[] {
  const multipliers = rules
    .flatMap((version) => {
      const reward = rewardOf('multiplier', version);
      return reward === undefined
        ? []
        : [{ version, group: reward.group, mode: reward.mode, by: ofBasisPoints(reward.multiplier_bp) }];
    })
    .sort((a, b) => compareText(a.group, b.group) || compareText(a.version.rule.code, b.version.rule.code));
  type Multiplier = (typeof multipliers)[number];
  const surplus = ({ by }: Multiplier): Fraction => plus(by, whole(-1n));
  const factors = (group: readonly Multiplier[]): Map<Multiplier, Fraction> => {
    if (group[0]?.mode === 'additive') return new Map(group.map((one) => [one, surplus(one)]));
    if (group[0]?.mode === 'multiplicative') {
      let product = whole(1n);
      return new Map(
        group.map((one) => {
          const factor = times(product, surplus(one));
          product = times(product, one.by);
          return [one, factor];
        }),
      );
    }
    const best = group.reduce<Multiplier | undefined>(
      (first, one) => (first === undefined || first.by.n * one.by.d < one.by.n * first.by.d ? one : first),
      undefined,
    );
    return new Map(best === undefined ? [] : [[best, surplus(best)]]);
  };
  const perLine = purchase.lines.map((line) => {
    const fitting = multipliers.filter(({ version }) => isInFilter(version.rule.line_filter, line));
    const groups = new Set(fitting.map(({ group }) => group));
    return new Map(
      [...groups].flatMap((name) => [...factors(fitting.filter(({ group }) => group === name))]),
    );
  });
  return multipliers.map((one) => ({
    version: one.version,
    weights: base.map((units, i) => times(units, perLine[i]?.get(one) ?? ZERO)),
  }));
}

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** The award of a rule is R(exact sum up to and with it) − R(exact sum before it): of the order, or of every line. */
class Rounded {
  private sums: Fraction[];

  constructor(
    private readonly how: ProgramFacts['rounding'],
    private readonly isLineByLine: boolean,
    lines: number,
  ) {
    this.sums = Array.from({ length: isLineByLine ? lines : 1 }, () => ZERO);
  }

  startFrom(perLine: readonly Fraction[]): void {
    this.sums = this.isLineByLine ? [...perLine] : [total(perLine)];
  }

  next({ version, weights }: Link): ChainAward {
    const added = this.isLineByLine ? weights : [total(weights)];
    const parts = this.sums.map((before, i) => {
      const after = plus(before, at(added, i));
      this.sums[i] = after;
      return rounded(after, this.how) - rounded(before, this.how);
    });
    const amount = sum(parts);
    return { version, weights, amount, units: this.isLineByLine ? parts : shareExactly(amount, weights) };
  }
}
