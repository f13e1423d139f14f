import { isEqual } from './differing-settings.js';

/** One setting that a revision changed; null = not set. Of wallets each is a setting of its own: `wallets/points`. */
export interface ChangedSetting {
  readonly setting: string;
  readonly from: unknown;
  readonly to: unknown;
}

type Document = Readonly<Record<string, unknown>>;

/** What a revision changed, by name. The first one sets everything. */
export function changedSettings(before: Document | undefined, after: Document): ChangedSetting[] {
  const [old, now] = [flattened(before ?? {}), flattened(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((setting) => ({ setting, from: old.get(setting) ?? null, to: now.get(setting) ?? null }))
    .filter(({ from, to }) => !isEqual(from, to));
}

function flattened({ revision: _, wallets = [], ...rest }: Document): Map<string, unknown> {
  const ofWallets = (wallets as readonly { readonly wallet: string }[]).map((wallet): [string, unknown] => [
    `wallets/${wallet.wallet}`,
    wallet,
  ]);
  return new Map([...Object.entries(rest), ...ofWallets]);
}
