import type { Figures } from './calculation.js';

/** GET /v1/members/{id}/wallets: one entry per wallet. */
export interface WalletRead extends Figures {
  readonly wallet: string;
  readonly next_release?: Readonly<{ at: string; amount: number }> | null;
}

/** GET /v1/awards?order_id=: one entry per award. */
export interface AwardRead {
  readonly award_id?: string;
  readonly rule: string;
  readonly rule_version: number;
  readonly wallet: string;
  readonly amount: number;
  readonly clawback_total: number;
  readonly release_at?: string | null;
  readonly expires_at?: string | null;
}

/** GET /v1/members/{id}/wallets/{wallet}/lots. */
export interface LotRead {
  readonly award_id?: string;
  readonly remaining: number;
  readonly release_at?: string | null;
  readonly expires_at?: string | null;
}

/** The public reads of one program. What is not known answers with nothing (`[]`, `undefined`); a failed read throws. */
export interface ProgramReads {
  wallets(memberId: string): Promise<readonly WalletRead[]>;
  lots(memberId: string, wallet: string): Promise<readonly LotRead[]>;
  purchase(orderId: string): Promise<unknown>;
  awards(orderId: string): Promise<readonly AwardRead[]>;
  engagement(engagementId: string): Promise<unknown>;
  review(reviewId: string): Promise<unknown>;
  redemption(redemptionId: string): Promise<unknown>;
}

export interface StatusAward extends AwardRead {
  readonly lines?: readonly Readonly<{ line_id: string; eligible_minor: number; units: number }>[];
}

/** Why a rule gave nothing, or less. */
export interface Explained {
  readonly rule?: string;
  readonly wallet?: string;
  readonly reason?: string | null;
}

/** What purchases and engagements have in common. */
export interface StatusRead {
  readonly member_id?: string | null;
  readonly state?: string;
  readonly review_reason?: string;
  readonly awards?: readonly StatusAward[];
  readonly explanation?: readonly Explained[];
  readonly no_awards?: readonly Explained[];
  readonly conflicts?: readonly Readonly<{ event_id: string }>[];
}

export interface PurchaseRead extends StatusRead {
  readonly refunds?: readonly Readonly<{
    refund_id: string;
    state: string;
    reason?: string;
    over_minor: number;
  }>[];
}
