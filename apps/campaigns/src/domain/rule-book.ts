import type { Instant } from '@kizuna/kernel';
import type { EarningRule, GroupMode } from './earning-rule.js';

/** All rule versions of a program at the moment of a command, under the lock of the program. */
export interface RuleBook {
  readonly wallets: readonly string[];
  readonly startsAt: Instant;
  /** A program whose first event has not arrived may enter its first rules for the time since `startsAt`. */
  readonly hasEvents: boolean;
  /** The present of the program: its test clock, or the later of system and database clock. */
  readonly now: Instant;
  /** Of the program's rules once the next version is among them. */
  readonly revision: number;
  readonly versions: readonly EarningRule[];
}

/** The newest version of a rule, begun or not. */
export function latestOf(versions: readonly EarningRule[], code: string): EarningRule | undefined {
  return highest(versions.filter((rule) => rule.code === code));
}

/** The version of a rule that has the say at a moment; it may be paused, ended or over. */
export function begunOf(
  versions: readonly EarningRule[],
  code: string,
  at: Instant,
): EarningRule | undefined {
  return highest(versions.filter((rule) => rule.code === code && rule.validFrom <= at));
}

const highest = (versions: readonly EarningRule[]): EarningRule | undefined =>
  versions.reduce<EarningRule | undefined>(
    (found, rule) => (found && found.version > rule.version ? found : rule),
    undefined,
  );

/** Whether a later version begins before this one, or with it: then this one never has the say. */
function isReplaced({ code, version, validFrom }: EarningRule, versions: readonly EarningRule[]): boolean {
  return versions.some(
    (other) => other.code === code && other.version > version && other.validFrom <= validFrom,
  );
}

/** The first version of a rule that is still to begin after a moment. */
export function scheduledAfter(
  versions: readonly EarningRule[],
  code: string,
  at: Instant,
): EarningRule | undefined {
  return versions
    .filter((rule) => rule.code === code && rule.validFrom > at && !isReplaced(rule, versions))
    .sort((a, b) => a.validFrom - b.validFrom)[0];
}

/** A version as it stands: `scheduled` = it will begin; one that gave way before it began stays as it was entered. */
export function versionState(
  rule: EarningRule,
  versions: readonly EarningRule[],
  at: Instant,
): EarningRule['state'] | 'scheduled' {
  return rule.validFrom > at && !isReplaced(rule, versions) ? 'scheduled' : rule.state;
}

/** How a rule stands at a moment: `scheduled` = it has not begun, `over` = it has run out by itself. */
export type Standing = 'scheduled' | 'active' | 'paused' | 'ended' | 'over';

export function standingOf(
  versions: readonly EarningRule[],
  code: string,
  at: Instant,
): { readonly standing: Standing; readonly version: number | undefined } {
  const rule = begunOf(versions, code, at);
  if (!rule) return { standing: 'scheduled', version: undefined };
  const isOver = rule.state === 'active' && rule.validTo !== undefined && rule.validTo <= at;
  return { standing: isOver ? 'over' : rule.state, version: rule.version };
}

/** From when until when a version has the say: until its end, or until a later version begins. */
interface Term {
  readonly from: Instant;
  readonly to: number;
}

function termOf(rule: EarningRule, versions: readonly EarningRule[]): Term {
  const successors = versions.filter(({ code, version }) => code === rule.code && version > rule.version);
  return {
    from: rule.validFrom,
    to: Math.min(rule.validTo ?? Infinity, ...successors.map(({ validFrom }) => validFrom)),
  };
}

/** Versions of other rules that can decide while this one can. A paused one may be resumed at any time, so it counts. */
function companionsOf(rule: EarningRule, versions: readonly EarningRule[]): EarningRule[] {
  const ends = rule.validTo ?? Infinity;
  return versions.filter((other) => {
    if (other.code === rule.code || other.state === 'ended') return false;
    const { from, to } = termOf(other, versions);
    return from < to && from < ends && rule.validFrom < to;
  });
}

export type ConflictRejection =
  | {
      readonly code: 'group_mode_conflict';
      readonly group: string;
      readonly mode: GroupMode;
      readonly rule: string;
    }
  | { readonly code: 'wallet_mixed'; readonly wallet: string; readonly rule: string };

/** What keeps a version from standing beside the others; undefined when nothing does. */
export function conflictOf(
  rule: EarningRule,
  versions: readonly EarningRule[],
): ConflictRejection | undefined {
  const companions = companionsOf(rule, versions);
  return groupConflict(rule, companions) ?? walletConflict(rule, companions);
}

/** A group has one mode, or the result would depend on which of its rules is asked. */
function groupConflict(
  { reward }: EarningRule,
  companions: readonly EarningRule[],
): ConflictRejection | undefined {
  if (reward.kind !== 'multiplier') return undefined;
  for (const { code, reward: other } of companions) {
    if (other.kind === 'multiplier' && other.group === reward.group && other.mode !== reward.mode)
      return { code: 'group_mode_conflict', group: reward.group, mode: other.mode, rule: code };
  }
  return undefined;
}

/** Units of cashback are money: a wallet that counts them cannot also count points per money. */
function walletConflict(
  { wallet, reward }: EarningRule,
  companions: readonly EarningRule[],
): ConflictRejection | undefined {
  const foreign = { cashback: 'base_rate', base_rate: 'cashback', multiplier: undefined, fixed: undefined }[
    reward.kind
  ];
  const other = companions.find((rule) => rule.wallet === wallet && rule.reward.kind === foreign);
  return other && { code: 'wallet_mixed', wallet, rule: other.code };
}
