import { instant, type ExpiryPolicy, type Instant } from '@kizuna/kernel';
import type { ProgramSettings, WalletSettings } from './program-settings.js';

/** What settings mean that a program does not name. Settings published before a property existed lack it. */
export const SETTINGS_DEFAULTS = {
  return_window_days: null,
  min_life_days: 90,
  min_restored_days: 30,
  clawback_policy: 'negative',
  rounding_scope: 'order',
  bonus_from: 'exact',
  clock_at: null,
} as const satisfies Partial<ProgramSettings>;

export type CompleteSettings = ProgramSettings &
  Required<Pick<ProgramSettings, keyof typeof SETTINGS_DEFAULTS>>;

export function completeSettings(settings: ProgramSettings): CompleteSettings {
  return { ...SETTINGS_DEFAULTS, ...settings };
}

/** The present of a program: its test clock, or the given one of the system. */
export function programNow({ clock_at }: Pick<ProgramSettings, 'clock_at'>, systemNow: Instant): Instant {
  return typeof clock_at === 'string' ? instant(clock_at) : systemNow;
}

/** A policy of the wire, whose kind has what it needs (`faultsOfExpiry`), as a value. */
export function expiryPolicyOf(policy: WalletSettings['expiry']): ExpiryPolicy {
  const { kind = 'never', count = 1, unit = 'month', round_to = 'none', dates = [] } = policy ?? {};
  if (kind === 'never') return { kind };
  return kind === 'fixed_dates' ? { kind, dates } : { kind, count, unit, round_to };
}

/** One sentence part per property that a policy lacks or has too many. */
export function faultsOfExpiry(policy: NonNullable<WalletSettings['expiry']>): string[] {
  const needed: readonly string[] = {
    never: [],
    rolling: ['count', 'unit'],
    inactivity: ['count', 'unit'],
    fixed_dates: ['dates'],
  }[policy.kind];
  const allowed = ['kind', ...needed, ...(needed.includes('count') ? ['round_to'] : [])];
  const given = Object.keys(policy).filter((name) => policy[name as keyof typeof policy] !== undefined);
  return [
    ...needed.filter((name) => !given.includes(name)).map((name) => `${name} is required by ${policy.kind}`),
    ...given
      .filter((name) => !allowed.includes(name))
      .map((name) => `${name} means nothing to ${policy.kind}`),
  ];
}
