import type { Queryable, Transaction } from '@kizuna/database';
import { instant, type Instant } from '@kizuna/kernel';
import type { EarningRule, Trigger } from '../domain/earning-rule.js';
import type { EarningRuleRow } from './earning-rule.entity.js';

/** A version with what is known about its entry. */
export interface StoredRule extends EarningRule {
  /** Why it was paused, resumed or ended. */
  readonly reason: string | undefined;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

export interface RuleEntry {
  readonly actor: string;
  readonly reason: string | undefined;
  readonly request: RuleRequest | undefined;
}

/** Idempotency-Key of a command, and what it asked. */
export interface RuleRequest {
  readonly key: string;
  readonly hash: string;
}

/** Every version of every rule of a program, by code and version. */
export async function ruleVersions(on: Queryable, programId: string): Promise<EarningRule[]> {
  const rows = await on.query<EarningRuleRow>(
    'SELECT * FROM earning_rule WHERE program_id = $1 ORDER BY code, version',
    [programId],
  );
  return rows.map(earningRule);
}

export async function insertRule(
  tx: Transaction,
  programId: string,
  rule: EarningRule,
  { actor, reason, request }: RuleEntry,
): Promise<StoredRule> {
  const row = {
    program_id: programId,
    code: rule.code,
    version: rule.version,
    label: rule.label,
    label_ja: rule.labelJa,
    trigger: rule.trigger.kind,
    activity: rule.trigger.kind === 'engagement' ? rule.trigger.activity : null,
    wallet: rule.wallet,
    priority: rule.priority,
    conditions: JSON.stringify(
      rule.conditions.map(({ label, labelJa, expression }) => ({ label, label_ja: labelJa, expression })),
    ),
    line_filter: JSON.stringify(rule.lineFilter),
    minimum_eligible: rule.minimumEligible,
    reward: JSON.stringify(rule.reward),
    cap: json(rule.cap),
    pending: json(rule.pending),
    expiry: json(rule.expiry),
    state: rule.state,
    reason,
    valid_from: new Date(rule.validFrom),
    valid_to: rule.validTo === undefined ? null : new Date(rule.validTo),
    created_by: actor,
    rule_set_revision: rule.ruleSetRevision,
    request_key: request?.key,
    request_hash: request?.hash,
  } satisfies Partial<Record<keyof EarningRuleRow, unknown>>;
  const names = Object.keys(row);
  const [stored] = await tx.query<EarningRuleRow>(
    `INSERT INTO earning_rule (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})
     RETURNING *`,
    Object.values(row),
  );
  if (!stored) throw new Error('an inserted rule is returned');
  return storedRule(stored);
}

const json = (value: object | undefined): string | null => (value ? JSON.stringify(value) : null);

export function storedRule(row: EarningRuleRow): StoredRule {
  return {
    ...earningRule(row),
    reason: row.reason ?? undefined,
    createdAt: instant(row.created_at),
    createdBy: row.created_by,
  };
}

function earningRule(row: EarningRuleRow): EarningRule {
  return {
    code: row.code,
    version: row.version,
    label: row.label,
    labelJa: row.label_ja ?? undefined,
    trigger: triggerOf(row),
    wallet: row.wallet,
    priority: row.priority,
    conditions: row.conditions.map(({ label, label_ja, expression }) => ({
      label,
      labelJa: label_ja,
      expression,
    })),
    lineFilter: row.line_filter,
    minimumEligible: row.minimum_eligible === null ? undefined : Number(row.minimum_eligible),
    reward: row.reward,
    cap: row.cap ?? undefined,
    pending: row.pending ?? undefined,
    expiry: row.expiry ?? undefined,
    state: row.state,
    validFrom: instant(row.valid_from),
    validTo: row.valid_to ? instant(row.valid_to) : undefined,
    ruleSetRevision: row.rule_set_revision,
  };
}

const triggerOf = ({ trigger, activity }: EarningRuleRow): Trigger =>
  trigger === 'engagement' && activity !== null ? { kind: 'engagement', activity } : { kind: 'purchase' };
