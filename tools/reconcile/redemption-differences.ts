import type { CalculatedRedemption, Calculation } from './calculation.js';
import { different } from './differences.js';

/** Award id → `kind ref rule wallet`, as the program told it. */
export type AwardsById = ReadonlyMap<string, string>;

interface RedemptionRead {
  readonly member_id?: string;
  readonly wallet?: string;
  readonly units?: number;
  readonly redeemed_at?: string | null;
  readonly code?: string;
  readonly lots?: readonly Readonly<{ award_id: string; units: number }>[];
}

export const awardKey = (kind: string, ref: string, rule: string, wallet: string): string =>
  `${kind} ${ref} ${rule} ${wallet}`;

export function redemptionDifferences(
  redemption: CalculatedRedemption,
  calculation: Calculation,
  awardsById: AwardsById,
  answer: unknown,
): string[] {
  const name = `Redemption ${redemption.redemption_id}`;
  const found = (answer ?? undefined) as RedemptionRead | undefined;
  const isThere = found !== undefined && found.code === undefined && found.redeemed_at !== null;
  if (redemption.state === 'refused')
    return isThere && found.redeemed_at ? [`${name}: was refused, yet is found.`] : [];
  if (!isThere) return [`${name}: should be ${redemption.units} units, found nothing.`];
  return [
    ...different(`${name}: the member`, redemption.member_id, found.member_id),
    ...different(`${name}: the wallet`, redemption.wallet, found.wallet),
    ...different(`${name}: the units`, redemption.units, found.units),
    ...splitDifferences(name, redemption, calculation, awardsById, found.lots ?? []),
  ];
}

/** Which lots paid, by moment and expiry: between lots that are equal in both, only their ids decide. */
function splitDifferences(
  name: string,
  { member_id, wallet, split }: CalculatedRedemption,
  { holdings }: Calculation,
  awardsById: AwardsById,
  found: NonNullable<RedemptionRead['lots']>,
): string[] {
  const turnOf = new Map(
    (holdings.get(member_id)?.get(wallet)?.lots ?? []).map((lot) => [
      awardKey(lot.kind, lot.ref, lot.rule, wallet),
      `of ${lot.occurred_at}, ${lot.expires_at === null ? 'never lapsing' : `lapsing at ${lot.expires_at}`}`,
    ]),
  );
  const add = (sums: Map<string, number>, turn: string, units: number) =>
    sums.set(turn, (sums.get(turn) ?? 0) + units);
  const should = new Map<string, number>();
  for (const { kind, ref, rule, units } of split)
    add(should, turnOf.get(awardKey(kind, ref, rule, wallet)) ?? 'of no award', units);
  const is = new Map<string, number>();
  for (const { award_id, units } of found)
    add(is, turnOf.get(awardsById.get(award_id) ?? '') ?? 'of no award', units);
  return [...new Set([...should.keys(), ...is.keys()])].flatMap((turn) =>
    different(`${name}: units ${turn}`, should.get(turn) ?? 0, is.get(turn) ?? 0),
  );
}
