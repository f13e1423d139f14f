import type { ExpiryPolicy, Instant } from '@kizuna/kernel';

/** What a rule is about. An engagement rule is about one activity, a code of the shop's own. */
export type Trigger =
  { readonly kind: 'purchase' } | { readonly kind: 'engagement'; readonly activity: string };

/** One condition in the rule language (`@kizuna/rules`); all of a rule must hold. */
export interface Condition {
  /** What an explanation calls it. */
  readonly label: string;
  readonly labelJa: string | undefined;
  readonly expression: string;
}

/** Which lines a rule looks at: every named property must match, any of its values will do. Empty = every line. */
export interface LineFilter {
  readonly skus?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly brands?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Values as text: `"2"` is also the number 2, `"true"` also the boolean. */
  readonly attributes?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** `units` of the wallet for every `per_minor` of the currency: an exact rational, not a float. */
export interface Rate {
  readonly currency: string;
  readonly units: number;
  readonly per_minor: number;
}

export interface BaseRate {
  readonly kind: 'base_rate';
  readonly rates: readonly Rate[];
  /** `per_step`: only full `per_minor` count. */
  readonly accrual?: 'exact' | 'per_step' | undefined;
}

/** How multipliers of one group meet on a line. */
export type GroupMode = 'best' | 'additive' | 'multiplicative';

/** Multiplies the base awards of its wallet; 20,000 basis points are "2 ×", of which the base is one. */
export interface Multiplier {
  readonly kind: 'multiplier';
  readonly multiplier_bp: number;
  readonly group: string;
  readonly mode: GroupMode;
}

export interface FixedBonus {
  readonly kind: 'fixed';
  readonly units: number;
}

/** A share of the eligible amount in basis points, in minor units of the program's currency. */
export interface Cashback {
  readonly kind: 'cashback';
  readonly percent_bp: number;
}

export type Reward = BaseRate | Multiplier | FixedBonus | Cashback;

/** What a member can get from a rule in a month (of `occurred_at`, in the program's zone). */
export interface Cap {
  readonly awards?: number | undefined;
  readonly units?: number | undefined;
  /** Nothing instead of what is left. */
  readonly all_or_nothing?: boolean | undefined;
}

/** When units can be spent: at once, N days after the day of the event, or from a day on. */
export type Pending =
  | { readonly kind: 'none' }
  | { readonly kind: 'duration'; readonly days: number }
  | { readonly kind: 'until_date'; readonly date: string };

export type RuleState = 'active' | 'paused' | 'ended';

/** One immutable version of an earning rule, valid in `[validFrom, validTo)`. */
export interface EarningRule {
  readonly code: string;
  readonly version: number;
  readonly label: string;
  readonly labelJa: string | undefined;
  readonly trigger: Trigger;
  readonly wallet: string;
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly lineFilter: LineFilter;
  /** Minor units of eligible value that the order must have; a refund asks again. */
  readonly minimumEligible: number | undefined;
  readonly reward: Reward;
  readonly cap: Cap | undefined;
  /** undefined = as the settings say. */
  readonly pending: Pending | undefined;
  /** undefined = as the settings say of the wallet. */
  readonly expiry: ExpiryPolicy | undefined;
  /** A paused or ended version decides nothing, and keeps the one before it from deciding. */
  readonly state: RuleState;
  readonly validFrom: Instant;
  /** undefined = until a later version begins. */
  readonly validTo: Instant | undefined;
  /** The revision of the program's rules that began with this version. */
  readonly ruleSetRevision: number;
}

export interface FilteredLine {
  readonly sku: string;
  readonly category?: string | undefined;
  readonly brand?: string | undefined;
  readonly kind?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

const allows = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

export function matchesLine(filter: LineFilter, line: FilteredLine): boolean {
  return (
    allows(filter.skus, line.sku) &&
    allows(filter.categories, line.category) &&
    allows(filter.brands, line.brand) &&
    allows(filter.kinds, line.kind ?? 'product') &&
    Object.entries(filter.attributes ?? {}).every(([name, values]) =>
      allows(values, attributeText(line, name)),
    )
  );
}

function attributeText({ attributes = {} }: FilteredLine, name: string): string | undefined {
  return Object.hasOwn(attributes, name) ? String(attributes[name]) : undefined;
}

/**
 * The versions in force at a moment: of each code the latest that has begun, unless it has ended or is paused. A later
 * version ends the one before it.
 */
export function rulesAt(versions: readonly EarningRule[], at: Instant): EarningRule[] {
  const latest = new Map<string, EarningRule>();
  for (const rule of versions) {
    const known = latest.get(rule.code);
    if (rule.validFrom <= at && (!known || rule.version > known.version)) latest.set(rule.code, rule);
  }
  return [...latest.values()].filter(
    ({ state, validTo }) => state === 'active' && (validTo === undefined || at < validTo),
  );
}

/** Codes compare by code unit, the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Chain order of base rules: highest priority first, then code. */
export function byChainOrder(a: EarningRule, b: EarningRule): number {
  return b.priority - a.priority || byText(a.code, b.code);
}
