import { EntitySchema } from 'typeorm';
import type { LineFilter, Reward } from '../domain/earning-rule.js';

/** One immutable version of an earning rule, as it is stored. */
export interface EarningRuleRow {
  programId: string;
  code: string;
  version: number;
  label: string;
  trigger: string;
  wallet: string;
  priority: number;
  lineFilter: LineFilter;
  reward: Reward;
  validFrom: Date;
  validTo: Date | null;
  createdAt?: Date;
  createdBy: string;
}

export const EarningRuleEntity = new EntitySchema<EarningRuleRow>({
  name: 'earning_rule',
  columns: {
    programId: { name: 'program_id', type: 'text', primary: true },
    code: { type: 'text', primary: true },
    version: { type: 'integer', primary: true },
    label: { type: 'text' },
    trigger: { type: 'text' },
    wallet: { type: 'text' },
    priority: { type: 'integer' },
    lineFilter: { name: 'line_filter', type: 'jsonb' },
    reward: { type: 'jsonb' },
    validFrom: { name: 'valid_from', type: 'timestamptz' },
    validTo: { name: 'valid_to', type: 'timestamptz', nullable: true },
    createdAt: { name: 'created_at', type: 'timestamptz', insert: false, update: false },
    createdBy: { name: 'created_by', type: 'text' },
  },
});
