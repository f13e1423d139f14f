/** What comes in: the requests of a program as they were sent, with their answers, and its settings. */
import type { Rounding } from './exact.js';

export interface SentRequest {
  /** POST, unless it says otherwise; a GET has no effect. */
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
  /** When it was received. Without it, and without a test clock, no event is judged late and nothing falls due. */
  readonly received_at?: string;
  /** Requests that follow each other with the same word were under way together: their order among themselves is unknown. */
  readonly parallel?: string;
}

export interface ExpiryPolicy {
  readonly kind: 'never' | 'rolling' | 'inactivity' | 'fixed_dates';
  readonly count?: number;
  readonly unit?: 'day' | 'month' | 'year';
  readonly round_to?: 'none' | 'day' | 'month' | 'quarter' | 'year';
  /** `MM-DD` */
  readonly dates?: readonly string[];
}

export interface WalletFacts {
  readonly wallet: string;
  readonly unit_value?: Readonly<{ currency: string; minor: number; units: number }>;
  readonly redemption?: Readonly<{ minimum: number; step: number; max_share_bp: number }>;
  readonly expiry?: ExpiryPolicy;
}

export type ClawbackPolicy = 'negative' | 'within_balance' | 'pending_only';

/** The settings of the program as they were before the first request that changes them. */
export interface ProgramFacts {
  readonly program_id: string;
  readonly revision?: number;
  readonly time_zone: string;
  readonly currency: string;
  readonly rounding: Rounding;
  readonly earn_net_of_tax: boolean;
  readonly late_window_days: number;
  readonly starts_at: string;
  readonly max_award: number;
  readonly wallets?: readonly WalletFacts[];
  readonly return_window_days?: number | null;
  readonly min_life_days?: number;
  readonly min_restored_days?: number;
  readonly clawback_policy?: ClawbackPolicy;
  readonly rounding_scope?: 'order' | 'line';
  readonly bonus_from?: 'exact' | 'rounded_base';
  /** The present of a test program. */
  readonly clock_at?: string | null;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface PurchaseLine {
  readonly line_id: string;
  readonly sku: string;
  readonly category?: string | null;
  readonly brand?: string | null;
  readonly kind?: string | null;
  readonly attributes?: Attributes | null;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly discount_minor?: number | null;
  readonly tax_minor?: number | null;
}

export interface Purchase {
  readonly order_id: string;
  readonly member_id: string | null;
  readonly occurred_at: string;
  readonly currency: string;
  readonly channel?: string;
  readonly store_id?: string | null;
  readonly payment_method?: string | null;
  readonly lines: readonly PurchaseLine[];
  readonly prices_include_tax: boolean;
  readonly discount_minor?: number | null;
  readonly tax_minor?: number | null;
  readonly shipping_minor?: number | null;
  readonly paid_with_points_minor?: number | null;
  readonly coupon_codes?: readonly string[] | null;
  readonly attributes?: Attributes | null;
}

export interface Refund {
  readonly refund_id: string;
  readonly order_id: string;
  readonly member_id: string | null;
  readonly occurred_at: string;
  readonly currency: string;
  readonly lines?: readonly Readonly<{ line_id: string; amount_minor: number }>[] | null;
  readonly amount_minor?: number | null;
  readonly full?: boolean | null;
}

export interface Engagement {
  readonly id: string;
  readonly member_id: string;
  readonly activity: string;
  readonly occurred_at: string;
  readonly attributes?: Attributes | null;
}

export interface Redemption {
  readonly redemption_id: string;
  readonly member_id: string;
  readonly wallet: string;
  readonly units: number;
  readonly order?: Readonly<{ order_id: string; currency: string; amount_minor: number }> | null;
}

export interface LineFilter {
  readonly skus?: readonly string[];
  readonly categories?: readonly string[];
  readonly brands?: readonly string[];
  readonly kinds?: readonly string[];
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

export type Reward =
  | Readonly<{
      kind: 'base_rate';
      rates: readonly Readonly<{ currency: string; units: number; per_minor: number }>[];
      accrual?: 'exact' | 'per_step';
    }>
  | Readonly<{
      kind: 'multiplier';
      multiplier_bp: number;
      group: string;
      mode: 'best' | 'additive' | 'multiplicative';
    }>
  | Readonly<{ kind: 'fixed'; units: number }>
  | Readonly<{ kind: 'cashback'; percent_bp: number }>;

export type Pending =
  | Readonly<{ kind: 'none' }>
  | Readonly<{ kind: 'duration'; days: number }>
  | Readonly<{ kind: 'until_date'; date: string }>;

export interface Cap {
  readonly awards?: number | null;
  readonly units?: number | null;
  readonly all_or_nothing?: boolean | null;
}

export interface Rule {
  readonly code: string;
  readonly trigger: string;
  readonly activity?: string | null;
  readonly wallet: string;
  readonly priority?: number | null;
  readonly conditions?: readonly Readonly<{ label: string; expression: string }>[] | null;
  readonly line_filter?: LineFilter | null;
  readonly minimum_eligible_minor?: number | null;
  readonly reward: Reward;
  readonly cap?: Cap | null;
  readonly pending?: Pending | null;
  readonly expiry?: ExpiryPolicy | null;
  readonly valid_from?: string | null;
  readonly valid_to?: string | null;
}
