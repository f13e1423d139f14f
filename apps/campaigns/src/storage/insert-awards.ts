import {
  bigintArray,
  integerArray,
  textArray,
  timestamptzArray,
  uuidArray,
  type Transaction,
} from '@kizuna/database';
import type { Instant } from '@kizuna/kernel';
import type { Award } from '../domain/order.js';

export interface AwardWrite {
  readonly award: Award;
  readonly programId: string;
  readonly businessRef: string;
  readonly memberId: string | null | undefined;
  readonly occurredAt: Instant | undefined;
}

/** Every row is new; the primary key, which has no rule version, is the fence against paying twice. */
export async function insertAwards(
  tx: Transaction,
  kind: 'purchase' | 'engagement',
  rows: readonly AwardWrite[],
): Promise<void> {
  if (rows.length === 0) return;
  const of = <Value>(pick: (award: Award) => Value): Value[] => rows.map(({ award }) => pick(award));
  await tx.query(
    {
      name: `insert-awards-${kind}`,
      text: `INSERT INTO award (program_id, kind, business_ref, member_id, occurred_at, rule, wallet, award_id, rule_version,
                                amount, lines, clawback_total, minimum_eligible, release_at, expires_at, origin, funding)
             SELECT program_id, '${kind}', business_ref, member_id, occurred_at, rule, wallet, award_id, rule_version, amount,
                    lines::bigint[], clawback_total, minimum_eligible, release_at, expires_at, '${kind}', 'brand'
             FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::uuid[], $8::int[],
                         $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::timestamptz[])
               AS n (program_id, business_ref, member_id, occurred_at, rule, wallet, award_id, rule_version, amount, lines,
                     clawback_total, minimum_eligible, release_at, expires_at)`,
    },
    [
      textArray(rows.map(({ programId }) => programId)),
      textArray(rows.map(({ businessRef }) => businessRef)),
      textArray(rows.map(({ memberId }) => memberId)),
      timestamptzArray(rows.map(({ occurredAt }) => occurredAt)),
      textArray(of(({ rule }) => rule)),
      textArray(of(({ wallet }) => wallet)),
      uuidArray(of(({ awardId }) => awardId)),
      integerArray(of(({ ruleVersion }) => ruleVersion)),
      bigintArray(of(({ amount }) => amount)),
      textArray(of(({ lines }) => `{${lines.join(',')}}`)),
      bigintArray(of(({ clawbackTotal }) => clawbackTotal)),
      bigintArray(of(({ minimumEligible }) => minimumEligible)),
      timestamptzArray(of(({ releaseAt }) => releaseAt)),
      timestamptzArray(of(({ expiresAt }) => expiresAt)),
    ],
  );
}
