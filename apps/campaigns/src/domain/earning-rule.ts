import type { Instant } from '@kizuna/kernel';

/** Which lines a rule looks at: every named property must match, any of its values will do. Empty = every line. */
export interface LineFilter {
  readonly skus?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly brands?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
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
}

/** One immutable version of an earning rule, valid in `[validFrom, validTo)`. */
export interface EarningRule {
  readonly code: string;
  readonly version: number;
  readonly label: string;
  readonly wallet: string;
  readonly priority: number;
  readonly lineFilter: LineFilter;
  readonly reward: BaseRate;
  readonly validFrom: Instant;
  /** The revision of the program's rules that began with this version. */
  readonly ruleSetRevision: number;
  /** undefined = until a later version begins. */
  readonly validTo: Instant | undefined;
}

export interface FilteredLine {
  readonly sku: string;
  readonly category?: string | undefined;
  readonly brand?: string | undefined;
  readonly kind?: string | undefined;
}

const allows = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

export function matchesLine({ skus, categories, brands, kinds }: LineFilter, line: FilteredLine): boolean {
  return (
    allows(skus, line.sku) &&
    allows(categories, line.category) &&
    allows(brands, line.brand) &&
    allows(kinds, line.kind ?? 'product')
  );
}

/**
 * The versions in force at a moment: of each code the latest that has begun, unless it has ended. A later version ends
 * the one before it.
 */
export function rulesAt(versions: readonly EarningRule[], at: Instant): EarningRule[] {
  const latest = new Map<string, EarningRule>();
  for (const rule of versions) {
    const known = latest.get(rule.code);
    if (rule.validFrom <= at && (!known || rule.version > known.version)) latest.set(rule.code, rule);
  }
  return [...latest.values()].filter(({ validTo }) => validTo === undefined || at < validTo);
}

/** Chain order of base rules: highest priority first, then code. Codes compare by code unit, the same everywhere. */
export function byChainOrder(a: EarningRule, b: EarningRule): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.code < b.code ? -1 : a.code > b.code ? 1 : 0;
}
