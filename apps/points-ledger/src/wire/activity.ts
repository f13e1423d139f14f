import { refusalLine } from '../domain/refusal-line.js';
import { statementLine } from '../domain/statement-line.js';
import type { Place, RefusedRedemptionRecord, TransferRecord } from '../storage/statement.query.js';

/** One thing that happened to a member. */
export interface ActivityItem {
  readonly at: string;
  readonly kind: 'transfer' | 'refused_redemption';
  readonly id: string;
  readonly [fact: string]: unknown;
}

export function transferItem(row: TransferRecord): ActivityItem {
  const at = row.effective_at.toISOString();
  return {
    at,
    kind: 'transfer',
    id: row.transfer_id,
    transfer_kind: row.kind,
    wallet: row.wallet,
    amount: Number(row.amount),
    debit: row.debit,
    credit: row.credit,
    award_id: row.lot_id,
    business_ref: row.business_ref,
    rule: row.facts.award?.rule ?? null,
    text: statementLine(row.facts),
  };
}

export function refusalItem(row: RefusedRedemptionRecord): ActivityItem {
  const units = Number(row.units);
  return {
    at: row.decided_at.toISOString(),
    kind: 'refused_redemption',
    id: row.redemption_id,
    wallet: row.wallet,
    units,
    ...(row.order_id === null ? {} : { order_id: row.order_id }),
    refusal: row.answer,
    text: refusalLine({ wallet: row.wallet, units }, row.answer),
  };
}

/** Newest first; at one time by id, as the storage compares them. */
export function byPlace(a: ActivityItem, b: ActivityItem): number {
  return a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1;
}

/** The place right after an item, as the next page is asked for. */
export const cursorOf = ({ at, id }: ActivityItem): string =>
  Buffer.from(JSON.stringify([Date.parse(at), id])).toString('base64url');

/** Undefined when it is not one of ours. */
export function placeOf(cursor: string): Place | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [at, id] = parts as unknown[];
    const isPlace = Number.isSafeInteger(at) && typeof id === 'string' && id.length <= 64;
    return isPlace ? { at: at as number, id } : undefined;
  } catch {
    return undefined;
  }
}
