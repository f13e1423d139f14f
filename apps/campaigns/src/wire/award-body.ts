import type { AwardRecord } from '../storage/purchases.query.js';

/** An award on the wire. Units of its wallet. */
export function awardBody(award: AwardRecord): Record<string, unknown> {
  return {
    award_id: award.award_id,
    kind: award.kind,
    business_ref: award.business_ref,
    member_id: award.member_id,
    rule: award.rule,
    rule_version: award.rule_version,
    wallet: award.wallet,
    amount: Number(award.amount),
    clawback_total: Number(award.clawback_total),
    occurred_at: award.occurred_at.toISOString(),
    release_at: award.release_at?.toISOString() ?? null,
    expires_at: award.expires_at?.toISOString() ?? null,
    decided_at: award.decided_at.toISOString(),
  };
}
