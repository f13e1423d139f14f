import { expressionOf, type Expression } from './expression.js';
import type { Rule } from './requests.js';

export interface RuleVersion {
  readonly rule: Rule;
  readonly number: number;
  readonly state: 'active' | 'paused' | 'ended';
  readonly conditions: readonly Expression[];
  readonly from: number;
  until: number;
}

type RuleAnswer =
  Partial<Record<'version' | 'valid_from' | 'created_at' | 'state', unknown>> | null | undefined;

/** A rule that says more than this would be judged wrongly, so it is reported instead. */
const KNOWN = {
  rule: [
    ...[
      'code',
      'label',
      'label_ja',
      'trigger',
      'activity',
      'wallet',
      'priority',
      'conditions',
      'line_filter',
    ],
    ...['minimum_eligible_minor', 'reward', 'cap', 'pending', 'expiry', 'valid_from', 'valid_to'],
  ],
  filter: ['skus', 'categories', 'brands', 'kinds', 'attributes'],
  cap: ['awards', 'units', 'all_or_nothing'],
  pending: { none: ['kind'], duration: ['kind', 'days'], until_date: ['kind', 'date'] },
  expiry: {
    never: ['kind'],
    rolling: ['kind', 'count', 'unit', 'round_to'],
    fixed_dates: ['kind', 'dates'],
  },
  reward: {
    base_rate: ['kind', 'rates', 'accrual'],
    multiplier: ['kind', 'multiplier_bp', 'group', 'mode'],
    fixed: ['kind', 'units'],
    cashback: ['kind', 'percent_bp'],
  },
} as const;

/** What of a value is outside of its known kinds and names. */
export function strangeIn(value: object | null | undefined, known: readonly string[]): string[] {
  return Object.entries(value ?? {}).flatMap(([name, item]) =>
    known.includes(name) || item === null || item === undefined ? [] : [name],
  );
}

function strangeKind(
  what: string,
  value: { readonly kind: string } | null | undefined,
  known: object,
): string[] {
  if (!value) return [];
  const names = (known as Readonly<Record<string, readonly string[]>>)[value.kind];
  return names === undefined ? [`${what} ${value.kind}`] : strangeIn(value, names);
}

export const strangeExpiry = (policy: Rule['expiry']): string[] =>
  strangeKind('expiry', policy, KNOWN.expiry);

/** Every version of every rule. Nothing is ever changed but the end of a version's validity. */
export class RuleBook {
  private readonly rules = new Map<string, RuleVersion[]>();

  /** @returns what makes the rule impossible to judge; then it is not entered */
  enter(rule: Rule, answer: RuleAnswer): string[] {
    const strange = this.strange(rule);
    if (strange.length === 0) {
      const from = instantOf(rule.valid_from ?? answer?.valid_from ?? answer?.created_at, -Infinity);
      // A rule that is read instead of entered may be paused already.
      const state = (['paused', 'ended'] as const).find((quiet) => quiet === answer?.state) ?? 'active';
      this.add(rule, from, state, answer);
    }
    return strange;
  }

  /** A new version with the same content from the instant that the answer tells. @returns false for a rule not known */
  turn(code: string, state: RuleVersion['state'], answer: RuleAnswer): boolean {
    const latest = this.rules.get(code)?.at(-1);
    if (latest === undefined) return false;
    this.add(latest.rule, instantOf(answer?.valid_from ?? answer?.created_at, -Infinity), state, answer);
    return true;
  }

  /** The versions in force at an instant, in the order of their codes. */
  at(instant: number): RuleVersion[] {
    return [...this.rules.values()]
      .flat()
      .filter(({ from, until, state }) => state === 'active' && from <= instant && instant < until)
      .sort((a, b) => (a.rule.code < b.rule.code ? -1 : 1));
  }

  private add(rule: Rule, from: number, state: RuleVersion['state'], answer: RuleAnswer): void {
    const versions = this.rules.get(rule.code) ?? [];
    const told = typeof answer?.version === 'number' ? answer.version : undefined;
    // The same answer again is the same version: a repeated request was replayed.
    if (told !== undefined && versions.some(({ number }) => number === told)) return;
    for (const earlier of versions) earlier.until = Math.min(earlier.until, from);
    const conditions = (rule.conditions ?? []).map(
      ({ expression }) => expressionOf(expression) ?? (() => null),
    );
    const until = instantOf(rule.valid_to, Infinity);
    versions.push({ rule, number: told ?? versions.length + 1, state, conditions, from, until });
    this.rules.set(rule.code, versions);
  }

  private strange(rule: Rule): string[] {
    const { reward, trigger } = rule;
    return [
      ...(trigger === 'purchase' || (trigger === 'engagement' && reward.kind === 'fixed') ? [] : ['trigger']),
      ...strangeKind('reward', reward, KNOWN.reward),
      ...strangeIn(rule, KNOWN.rule),
      ...strangeIn(rule.line_filter, KNOWN.filter),
      ...strangeIn(rule.cap, KNOWN.cap),
      ...strangeKind('pending', rule.pending, KNOWN.pending),
      ...strangeExpiry(rule.expiry),
      ...(rule.conditions ?? []).flatMap(({ expression }) =>
        expressionOf(expression) === undefined ? [`condition ${expression}`] : [],
      ),
    ];
  }
}

const instantOf = (text: unknown, otherwise: number): number =>
  typeof text === 'string' ? Date.parse(text) : otherwise;
