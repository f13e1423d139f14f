/** What comes out: whole numbers and instants in UTC, to be compared with what the program answers. */

export interface Figures {
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

export interface CalculatedLine {
  readonly line_id: string;
  readonly eligible_minor: number;
  readonly units: number;
}

export interface CalculatedAward {
  readonly rule: string;
  readonly rule_version: number;
  readonly wallet: string;
  readonly amount: number;
  readonly lines: readonly CalculatedLine[];
  readonly clawback_total: number;
  /** What it would have been without its cap. */
  readonly cut_from?: number;
  /** null: at once. */
  readonly release_at: string | null;
  /** null: never. */
  readonly expires_at: string | null;
}

export type Reason =
  | 'condition_not_met'
  | 'rule_failed'
  | 'no_line_matched'
  | 'below_minimum'
  | 'currency_not_covered'
  | 'nothing_eligible'
  | 'rounds_to_zero'
  | 'beaten'
  | 'cap_reached'
  | 'amount_over_limit';

export interface NotAwarded {
  readonly rule: string;
  readonly wallet: string;
  readonly reason: Reason;
  /** Other reasons that hold too, where none is the only one. */
  readonly also?: readonly Reason[];
}

export type RefundState = 'applied' | 'waiting' | 'review' | 'foreign_member' | 'foreign_currency';

export interface CalculatedRefund {
  readonly refund_id: string;
  readonly state: RefundState;
  /** What this refund added to the amount over its lines or its order. */
  readonly over_minor: number;
}

export type ReviewReason = 'late' | 'before_start' | 'amount_over_limit';

export interface CalculatedOrder {
  readonly order_id: string;
  /** null: a guest, or an order that is known only from a refund. */
  readonly member_id: string | null;
  readonly state: 'decided' | 'awaited' | 'review';
  readonly review_reason?: ReviewReason;
  readonly awards: readonly CalculatedAward[];
  readonly not_awarded: readonly NotAwarded[];
  readonly refunds: readonly CalculatedRefund[];
  readonly over_minor: number;
  /** Event ids that arrived again with other content. */
  readonly conflicts: readonly string[];
}

export interface CalculatedEngagement {
  readonly engagement_id: string;
  readonly member_id: string;
  readonly activity: string;
  readonly state: 'decided' | 'review';
  readonly review_reason?: ReviewReason;
  readonly awards: readonly CalculatedAward[];
  readonly not_awarded: readonly NotAwarded[];
  readonly conflicts: readonly string[];
}

export interface CalculatedReview {
  readonly review_id: string;
  readonly reason: ReviewReason;
  readonly state: 'open' | 'released' | 'refused';
}

/** The award that a lot came from. */
export interface LotSource {
  readonly kind: 'purchase' | 'engagement';
  /** Order id or engagement id. */
  readonly ref: string;
  readonly rule: string;
}

export interface CalculatedLot extends LotSource {
  readonly occurred_at: string;
  readonly amount: number;
  readonly remaining: number;
  readonly is_pending: boolean;
  readonly release_at: string | null;
  readonly expires_at: string | null;
}

/** What a wallet consists of, and what has left it. */
export interface Holding {
  readonly lots: readonly CalculatedLot[];
  readonly awarded: number;
  readonly clawed_back: number;
  readonly redeemed: number;
  readonly expired: number;
  readonly debt_offset: number;
  /** Asked back, but neither taken nor owed. */
  readonly uncollected: number;
}

export interface CalculatedRedemption {
  readonly redemption_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly units: number;
  readonly state: 'redeemed' | 'refused' | 'reversed';
  /** Every reason that holds; any of them may be the one that is told. */
  readonly refusals: readonly string[];
  readonly split: readonly (LotSource & Readonly<{ units: number; expires_at: string | null }>)[];
}

export interface Calculation {
  /** Every member named by an acknowledged event, those who must own nothing included. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, Figures>>;
  readonly holdings: ReadonlyMap<string, ReadonlyMap<string, Holding>>;
  readonly orders: ReadonlyMap<string, CalculatedOrder>;
  readonly engagements: ReadonlyMap<string, CalculatedEngagement>;
  readonly reviews: ReadonlyMap<string, CalculatedReview>;
  readonly redemptions: ReadonlyMap<string, CalculatedRedemption>;
  readonly totals: Readonly<{
    earned: number;
    clawed_back: number;
    redeemed: number;
    expired: number;
    uncollected: number;
  }>;
  /** The present that the figures stand for; undefined: no time was told, so nothing fell due. */
  readonly now: string | undefined;
  /** Answers that should have been others, a sentence each. */
  readonly wrong_answers: readonly string[];
  /** Acknowledged requests that this calculation cannot judge: never passed over in silence. */
  readonly not_covered: readonly string[];
}
