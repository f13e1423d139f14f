import { instant } from '@kizuna/kernel';
import type { Award } from '../domain/order.js';

export interface AwardRow extends Record<string, unknown> {
  program_id: string;
  business_ref: string;
  rule: string;
  wallet: string;
  award_id: string;
  rule_version: number;
  amount: string;
  lines: string[];
  clawback_total: string;
  minimum_eligible: string | null;
  release_at: Date | null;
  expires_at: Date | null;
}

export function awardOf(row: AwardRow): Award {
  return {
    awardId: row.award_id,
    rule: row.rule,
    ruleVersion: row.rule_version,
    wallet: row.wallet,
    amount: BigInt(row.amount),
    lines: row.lines.map(BigInt),
    clawbackTotal: BigInt(row.clawback_total),
    minimumEligible: row.minimum_eligible === null ? undefined : BigInt(row.minimum_eligible),
    releaseAt: row.release_at ? instant(row.release_at) : undefined,
    expiresAt: row.expires_at ? instant(row.expires_at) : undefined,
  };
}
