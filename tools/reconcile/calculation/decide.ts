import { isInFilter, type Amounts } from './amounts.js';
import { chainOf, rateOf, type ChainAward, type ChainResult } from './chain.js';
import { firstUnmet } from './conditions.js';
import { minor, notBelowZero, shareExactly, sum } from './exact.js';
import type { Scope } from './expression.js';
import type { ProgramFacts, Purchase, Rule } from './requests.js';
import type { Reason } from './results.js';
import type { RuleVersion } from './rule-book.js';

/** What a rule gives before anybody has looked at limits of the whole decision. */
export interface Draft {
  readonly version: RuleVersion;
  /** Without its cap. */
  readonly wanted: bigint;
  readonly amount: bigint;
  readonly units: readonly bigint[];
}

export interface Unawarded {
  readonly version: RuleVersion;
  readonly reasons: readonly Reason[];
}

export interface Decision {
  readonly awards: readonly Draft[];
  readonly unawarded: readonly Unawarded[];
}

/** What a rule has given the member in the month of the event, net of what was taken back. */
export type GivenInMonth = (version: RuleVersion) => Readonly<{ awards: number; units: bigint }>;

export interface PurchaseQuestion {
  readonly program: ProgramFacts;
  readonly purchase: Purchase;
  readonly amounts: Amounts;
  /** In force when it occurred. */
  readonly rules: readonly RuleVersion[];
  readonly scope: Scope;
  readonly given: GivenInMonth;
}

export function decidePurchase(question: PurchaseQuestion): Decision {
  const rules = question.rules.filter(({ rule }) => rule.trigger === 'purchase');
  const barred = new Map(rules.map((version) => [version, barriers(version, question)]));
  const isFree = (version: RuleVersion): boolean =>
    // A base rule without a rate for the currency still owns its lines: it says so instead of leaving them to another.
    (barred.get(version) ?? []).every(
      (reason) =>
        isBase(version.rule) && (reason === 'currency_not_covered' || reason === 'nothing_eligible'),
    );
  const free = rules.filter(isFree);

  const chains = new Map<string, ChainResult>();
  for (const wallet of new Set(free.map(({ rule }) => rule.wallet))) {
    const own = free.filter(({ rule }) => rule.wallet === wallet && rule.reward.kind !== 'fixed');
    const order = { purchase: question.purchase, eligible: question.amounts.eligible };
    chains.set(wallet, chainOf(own, order, question.program));
  }
  const reasons = new Map<RuleVersion, readonly Reason[]>();
  for (const version of rules) {
    const own = barred.get(version) ?? [];
    if (own.length > 0) reasons.set(version, own);
  }
  for (const chain of chains.values()) addChainReasons(reasons, chain);

  const chained = [...chains.values()].flatMap(({ awards }) =>
    awards.map((award) => capped(award, question.given)),
  );
  const fixed = free
    .filter(({ rule }) => rule.reward.kind === 'fixed')
    .map((version) => fixedDraft(version, question));
  return settled([...chained, ...fixed], reasons);
}

export function decideEngagement(
  rules: readonly RuleVersion[],
  {
    activity,
    scope,
    given,
  }: { readonly activity: string; readonly scope: Scope; readonly given: GivenInMonth },
): Decision {
  const own = rules.filter(({ rule }) => rule.trigger === 'engagement' && rule.activity === activity);
  const reasons = new Map<RuleVersion, readonly Reason[]>();
  const drafts: Draft[] = [];
  for (const version of own) {
    const unmet = firstUnmet(version.conditions, scope);
    if (unmet !== undefined) reasons.set(version, [unmet]);
    else drafts.push(capped({ version, weights: [], amount: fixedUnits(version.rule), units: [] }, given));
  }
  return settled(drafts, reasons);
}

const isBase = ({ reward }: Rule): boolean => reward.kind === 'base_rate' || reward.kind === 'cashback';
const fixedUnits = ({ reward }: Rule): bigint => (reward.kind === 'fixed' ? minor(reward.units) : 0n);

/** Everything that keeps a rule from looking at amounts; several may hold. */
function barriers(version: RuleVersion, { purchase, amounts, program, scope }: PurchaseQuestion): Reason[] {
  const { rule, conditions } = version;
  const unmet = firstUnmet(conditions, scope);
  const matched = purchase.lines.map((line) => isInFilter(rule.line_filter, line));
  const minimum = rule.minimum_eligible_minor ?? undefined;
  const isForeign = purchase.currency !== program.currency;
  const isUncovered = isBase(rule)
    ? rateOf(version, purchase, program) === undefined
    : minimum !== undefined && isForeign;
  const reasons: Reason[] = [
    ...(unmet === undefined ? [] : [unmet]),
    ...(matched.includes(true) ? [] : ['no_line_matched' as const]),
    ...(minimum !== undefined && sum(amounts.eligible) < minor(minimum) ? ['below_minimum' as const] : []),
    ...(isUncovered ? ['currency_not_covered' as const] : []),
  ];
  const counts = amounts.eligible.some((value, i) => value > 0n && matched[i] === true);
  return reasons.length === 0 || counts ? reasons : [...reasons, 'nothing_eligible'];
}

function addChainReasons(reasons: Map<RuleVersion, readonly Reason[]>, chain: ChainResult): void {
  const add = (versions: readonly RuleVersion[], more: readonly Reason[]): void => {
    for (const version of versions) if (!reasons.has(version)) reasons.set(version, more);
  };
  add(chain.uncovered, ['currency_not_covered']);
  add(chain.beaten, ['beaten', 'no_line_matched']);
  // Less than one full step is nothing too; so is a bonus on lines whose base rule has no rate for the currency.
  const uncovered = chain.uncovered.length > 0 ? (['currency_not_covered'] as const) : [];
  add(chain.nothing, ['nothing_eligible', 'rounds_to_zero', ...uncovered]);
}

/** A fixed bonus stands outside the chain and has no lines; of an order that earns nothing it gives nothing. */
function fixedDraft(version: RuleVersion, { purchase, amounts, given }: PurchaseQuestion): Draft {
  const { line_filter: filter } = version.rule;
  const counted = sum(
    amounts.eligible.filter((_, i) => {
      const line = purchase.lines[i];
      return line !== undefined && isInFilter(filter, line);
    }),
  );
  const units = purchase.lines.map(() => 0n);
  const amount = counted > 0n ? fixedUnits(version.rule) : 0n;
  return { ...capped({ version, weights: [], amount, units }, given), units };
}

/** A cap that is short grants what is left, unless it is all or nothing. */
function capped(award: ChainAward, given: GivenInMonth): Draft {
  const { version, weights, amount: wanted, units } = award;
  const { cap } = version.rule;
  const draft = { version, wanted, amount: wanted, units };
  if (!cap || wanted === 0n) return draft;
  const { awards, units: used } = given(version);
  const isFull = typeof cap.awards === 'number' && awards >= cap.awards;
  const left = typeof cap.units === 'number' ? notBelowZero(minor(cap.units) - used) : wanted;
  const granted = isFull ? 0n : left >= wanted ? wanted : cap.all_or_nothing === true ? 0n : left;
  if (granted === wanted) return draft;
  return { version, wanted, amount: granted, units: shareExactly(granted, weights) };
}

function settled(drafts: readonly Draft[], reasons: ReadonlyMap<RuleVersion, readonly Reason[]>): Decision {
  const reasonOf = ({ version, wanted }: Draft): Reason =>
    wanted > 0n
      ? 'cap_reached'
      : version.rule.reward.kind === 'fixed'
        ? 'nothing_eligible'
        : 'rounds_to_zero';
  return {
    awards: drafts.filter(({ amount }) => amount > 0n),
    unawarded: [
      ...[...reasons].map(([version, given]) => ({ version, reasons: given })),
      ...drafts
        .filter(({ amount }) => amount === 0n)
        .map((draft) => ({ version: draft.version, reasons: [reasonOf(draft)] })),
    ],
  };
}
