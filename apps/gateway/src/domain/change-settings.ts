import { accept, instant, reject, type Decision, type Instant } from '@kizuna/kernel';
import { latestOccurredAt } from './check-occurred-at.js';
import { isEqual } from './differing-settings.js';
import type { Fault } from './fault.js';

/** As far as a change looks into settings; the contract knows the rest. */
export interface Settings {
  readonly revision: number;
  readonly starts_at: string;
  readonly wallets: readonly { readonly wallet: string }[];
}

export type SettingsRejection =
  | Readonly<{ code: 'revision_conflict'; revision: number }>
  | Readonly<{ code: 'setting_is_fixed' | 'wallet_removed' | 'invalid_settings'; faults: readonly Fault[] }>;

const FIXED: Readonly<Record<string, string>> = {
  program_id: 'never changes',
  mode: 'never changes',
  currency: 'never changes',
  clock_at: 'is moved by POST /v1/program/clock',
};

export interface Judgement {
  /** What is wrong with whole settings. */
  readonly faultsOf: (settings: Readonly<Record<string, unknown>>) => readonly Fault[];
  /** The present of the program. */
  readonly now: Instant;
}

/** An event may lie on either side of a start that is moved then. */
const takesEvents = ({ starts_at }: Settings, now: Instant): boolean =>
  instant(starts_at) <= latestOccurredAt(now);

const nameOf = ({ pointer, detail }: Fault): string => `${pointer} ${detail}`;

/**
 * Settings with a change on top, which names the revision that it was made on. Properties that it does not name stay; a
 * list replaces the list. A change that changes nothing leaves the revision as it is.
 *
 * A fault that the settings have already is older than the check that finds it, and stands in no other change's way.
 */
export function changeSettings<Current extends Settings>(
  current: Current,
  { revision, ...wanted }: Readonly<Record<string, unknown>> & { readonly revision: number },
  { faultsOf, now }: Judgement,
): Decision<Current, SettingsRejection> {
  if (revision !== current.revision) return reject({ code: 'revision_conflict', revision: current.revision });
  const before = current as unknown as Readonly<Record<string, unknown>>;
  const changed = Object.keys(wanted).filter((name) => !isEqual(before[name] ?? null, wanted[name]));
  const isFixed = takesEvents(current, now)
    ? { ...FIXED, starts_at: 'stays once the program has begun' }
    : FIXED;
  const fixed = changed.flatMap((name) => {
    const detail = isFixed[name];
    return detail === undefined ? [] : [{ pointer: `/${name}`, detail }];
  });
  if (fixed.length > 0) return reject({ code: 'setting_is_fixed', faults: fixed });
  if (changed.length === 0) return accept(current);

  const after = { ...before, ...wanted, revision: revision + 1 };
  const known = new Set(faultsOf(before).map(nameOf));
  const faults = faultsOf(after).filter((fault) => !known.has(nameOf(fault)));
  if (faults.length > 0) return reject({ code: 'invalid_settings', faults });
  const settings = after as unknown as Current;
  const kept = new Set(settings.wallets.map(({ wallet }) => wallet));
  const removed = current.wallets.filter(({ wallet }) => !kept.has(wallet));
  if (removed.length > 0)
    return reject({
      code: 'wallet_removed',
      faults: removed.map(({ wallet }) => ({ pointer: '/wallets', detail: `must keep ${wallet}` })),
    });
  return accept(settings);
}
