import { EntitySchema } from 'typeorm';
import type { ExpiryPolicy } from '@kizuna/kernel';
import type { Cap, LineFilter, Pending, Reward, RuleState } from '../domain/earning-rule.js';

export interface ConditionRow {
  readonly label: string;
  readonly label_ja?: string;
  readonly expression: string;
}

/** One immutable version of an earning rule, named like its columns: read by the mapper and by plain SQL alike. */
export interface EarningRuleRow extends Record<string, unknown> {
  program_id: string;
  code: string;
  version: number;
  label: string;
  label_ja: string | null;
  trigger: string;
  activity: string | null;
  wallet: string;
  priority: number;
  conditions: readonly ConditionRow[];
  line_filter: LineFilter;
  /** bigint */
  minimum_eligible: string | null;
  reward: Reward;
  cap: Cap | null;
  pending: Pending | null;
  expiry: ExpiryPolicy | null;
  state: RuleState;
  reason: string | null;
  valid_from: Date;
  valid_to: Date | null;
  created_at: Date;
  created_by: string;
  rule_set_revision: number;
  request_key: string | null;
  request_hash: string | null;
}

export const EarningRuleEntity = new EntitySchema<EarningRuleRow>({
  name: 'earning_rule',
  columns: {
    program_id: { type: 'text', primary: true },
    code: { type: 'text', primary: true },
    version: { type: 'integer', primary: true },
    label: { type: 'text' },
    label_ja: { type: 'text', nullable: true },
    trigger: { type: 'text' },
    activity: { type: 'text', nullable: true },
    wallet: { type: 'text' },
    priority: { type: 'integer' },
    conditions: { type: 'jsonb' },
    line_filter: { type: 'jsonb' },
    minimum_eligible: { type: 'bigint', nullable: true },
    reward: { type: 'jsonb' },
    cap: { type: 'jsonb', nullable: true },
    pending: { type: 'jsonb', nullable: true },
    expiry: { type: 'jsonb', nullable: true },
    state: { type: 'text' },
    reason: { type: 'text', nullable: true },
    valid_from: { type: 'timestamptz' },
    valid_to: { type: 'timestamptz', nullable: true },
    created_at: { type: 'timestamptz' },
    created_by: { type: 'text' },
    rule_set_revision: { type: 'integer' },
    request_key: { type: 'text', nullable: true },
    request_hash: { type: 'text', nullable: true },
  },
});
