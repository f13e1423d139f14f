import type { KnownWhenDeciding } from '../domain/known-when-deciding.js';

/** What was known of the member when deciding, as it is stored; units are texts, which JSON carries whole. */
export interface KnownColumn {
  readonly orders?: number;
  readonly usage?: Readonly<Record<string, readonly [awards: number, units: string]>>;
  readonly limit_lifted?: true;
}

export function knownOf(column: KnownColumn | null): KnownWhenDeciding {
  if (!column) return {};
  const { orders, usage, limit_lifted } = column;
  return {
    orders,
    limitLifted: limit_lifted,
    usage:
      usage &&
      Object.fromEntries(
        Object.entries(usage).map(([rule, [awards, units]]) => [rule, { awards, units: BigInt(units) }]),
      ),
  };
}

/** null where no rule asked anything, which is most of all events. */
export function knownColumn(known: KnownWhenDeciding | undefined): string | null {
  if (!known) return null;
  const { orders, usage, limitLifted } = known;
  if (orders === undefined && !usage && !limitLifted) return null;
  return JSON.stringify({
    orders,
    limit_lifted: limitLifted,
    usage:
      usage &&
      Object.fromEntries(
        Object.entries(usage).map(([rule, { awards, units }]) => [rule, [awards, String(units)]]),
      ),
  });
}
