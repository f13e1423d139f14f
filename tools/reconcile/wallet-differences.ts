import type { Figures, Holding } from './calculation.js';
import { different, repeated, sameInstant } from './differences.js';
import type { LotRead, WalletRead } from './program-reads.js';

const FIGURES = ['pending', 'available', 'held', 'debt'] as const;
const NONE: Figures = { pending: 0, available: 0, held: 0, debt: 0 };

/** A wallet that only one side has is a wallet of zeros on the other: figures without a ground are found too. */
export function walletDifferences(
  memberId: string,
  expected: ReadonlyMap<string, Figures>,
  holdings: ReadonlyMap<string, Holding>,
  found: readonly WalletRead[],
): string[] {
  const differences = repeated(found.map(({ wallet }) => wallet)).map(
    (wallet) => `Member ${memberId}: the wallet ${wallet} is answered more than once.`,
  );
  const foundByWallet = new Map(found.map((wallet) => [wallet.wallet, wallet]));
  for (const wallet of new Set([...expected.keys(), ...foundByWallet.keys()])) {
    const name = `Member ${memberId}, wallet ${wallet}`;
    const should = expected.get(wallet) ?? NONE;
    const is = foundByWallet.get(wallet) ?? NONE;
    for (const figure of FIGURES)
      differences.push(...different(`${name}: ${figure}`, should[figure], is[figure]));
    const { next_release: next } = foundByWallet.get(wallet) ?? {};
    if (next !== undefined)
      differences.push(
        ...different(
          `${name}: the next release`,
          nextRelease(holdings.get(wallet)),
          next && `${next.amount} at ${sameInstant(next.at)}`,
        ),
      );
  }
  return differences;
}

function nextRelease(holding: Holding | undefined): string | null {
  const pending = (holding?.lots ?? []).filter(({ is_pending, remaining }) => is_pending && remaining > 0);
  const [first] = pending.map(({ release_at }) => release_at ?? '').sort();
  if (first === undefined) return null;
  const amount = pending.reduce((sum, lot) => sum + (lot.release_at === first ? lot.remaining : 0), 0);
  return `${amount} at ${first}`;
}

/**
 * Units by when they are released and when they lapse. Lots of one moment and one expiry burn in an order that only their
 * ids decide, so what remains is compared by these instants and not lot by lot.
 */
export function lotDifferences(
  memberId: string,
  wallet: string,
  holding: Holding,
  found: readonly LotRead[],
  now: string | undefined,
): string[] {
  const name = `Member ${memberId}, wallet ${wallet}`;
  const should = sums(
    holding.lots.map((lot) => ({ ...lot, release_at: lot.is_pending ? lot.release_at : null })),
  );
  const is = sums(
    found.map((lot) => {
      const release = lot.release_at ? sameInstant(lot.release_at) : null;
      const isOver = release !== null && now !== undefined && release <= now;
      return {
        remaining: lot.remaining,
        release_at: isOver ? null : release,
        expires_at: lot.expires_at ? sameInstant(lot.expires_at) : null,
      };
    }),
  );
  return [...new Set([...should.keys(), ...is.keys()])].flatMap((when) =>
    different(`${name}: units ${when}`, should.get(when) ?? 0, is.get(when) ?? 0),
  );
}

function sums(
  lots: readonly (Pick<LotRead, 'remaining'> & { release_at: string | null; expires_at: string | null })[],
) {
  const byWhen = new Map<string, number>();
  for (const { remaining, release_at, expires_at } of lots) {
    if (remaining === 0) continue;
    const from = release_at === null ? 'available now' : `pending until ${release_at}`;
    const when = `${from}, ${expires_at === null ? 'never lapsing' : `lapsing at ${expires_at}`}`;
    byWhen.set(when, (byWhen.get(when) ?? 0) + remaining);
  }
  return byWhen;
}
