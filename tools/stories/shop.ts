import { eventually } from '@kizuna/testing';
import type { SentRequest } from '../reconcile/calculation.js';
import type { ProgramReads } from '../reconcile/compare.js';
import type { Answer, ProgramClient } from '../start/program-client.js';
import { publicReads } from '../start/public-reads.js';

export interface Line {
  readonly sku: string;
  readonly unit_price_minor: number;
  readonly quantity?: number;
  readonly discount_minor?: number;
  readonly category?: string;
  readonly kind?: 'product' | 'gift_card' | 'service';
}

export interface Order {
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly order_id: string;
  /** null = guest */
  readonly member_id: string | null;
  readonly lines: readonly Line[];
  readonly currency?: string;
  readonly prices_include_tax?: boolean;
  readonly discount_minor?: number;
  readonly tax_minor?: number;
  readonly paid_with_points_minor?: number;
}

export interface Refund {
  readonly refund_id: string;
  readonly member_id: string | null;
  readonly lines?: readonly { readonly line_id: string; readonly amount_minor: number }[];
  readonly amount_minor?: number;
  readonly full?: true;
}

export interface Redemption {
  readonly redemption_id: string;
  readonly member_id: string;
  readonly units: number;
}

export interface LotStatus {
  readonly award_id: string;
  readonly amount: number;
  readonly remaining: number;
  readonly release_at: string | null;
  readonly expires_at: string | null;
}

export interface AwardStatus {
  readonly award_id: string;
  readonly rule: string;
  readonly amount: number;
  readonly clawback_total: number;
  readonly release_at?: string | null;
  readonly expires_at?: string | null;
  readonly lines: readonly {
    readonly line_id: string;
    readonly eligible_minor: number;
    readonly units: number;
  }[];
}

/** What is compared of GET /v1/purchases/{order_id}. */
export interface PurchaseStatus {
  readonly state: string;
  readonly member_id: string | null;
  readonly awards: readonly AwardStatus[];
  readonly no_awards: readonly {
    readonly rule?: string;
    readonly reason: string;
    readonly text: { readonly en: string; readonly ja: string };
  }[];
  readonly refunds: readonly {
    readonly refund_id: string;
    readonly state: string;
    readonly over_minor: number;
  }[];
  readonly conflicts: readonly { readonly event_id: string }[];
}

/** Line ids are 1, 2, 3 in the order of the lines. */
export function purchaseBody(order: Order, occurredAt: string, currency: string): Record<string, unknown> {
  return {
    occurred_at: occurredAt,
    currency,
    channel: 'web',
    prices_include_tax: false,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    coupon_codes: [],
    ...order,
    lines: order.lines.map((line, index) => ({
      line_id: String(index + 1),
      quantity: 1,
      discount_minor: 0,
      ...line,
    })),
  };
}

/** A program as its storefront sees it: nothing but the public API. */
export class Shop {
  private readonly reads: ProgramReads;

  constructor(
    readonly client: ProgramClient,
    readonly programId: string,
    private readonly currency: string,
    /** When everything in a story occurs. */
    readonly occurredAt: string,
    private readonly startsAt: string,
  ) {
    this.reads = publicReads(client);
  }

  /** Enters a base rule, valid since the program's start; a program that was just made is waited for. @returns what was sent */
  async earns(
    code: string,
    units: number,
    perMinor: number,
    more: { readonly priority?: number; readonly categories?: readonly string[] } = {},
  ): Promise<SentRequest> {
    const rates = [{ currency: this.currency, units, per_minor: perMinor }];
    const rule = {
      code,
      label: `${units} per ${perMinor}`,
      trigger: 'purchase',
      wallet: 'points',
      priority: more.priority ?? 0,
      line_filter: more.categories ? { categories: more.categories } : {},
      reward: { kind: 'base_rate', rates },
      valid_from: this.startsAt,
    };
    const { status, body } = await this.client.request('POST', '/v1/rules', rule);
    expect({ status, body }).toMatchObject({ status: 201 });
    return { path: '/v1/rules', body: rule, status, answer: body };
  }

  /** Enters any rule, valid since the program's start. */
  async rule(code: string, rule: Readonly<Record<string, unknown>>): Promise<void> {
    const body = {
      code,
      label: code,
      trigger: 'purchase',
      wallet: 'points',
      valid_from: this.startsAt,
      ...rule,
    };
    const answer = await this.client.request('POST', '/v1/rules', body);
    expect(answer).toMatchObject({ status: 201 });
  }

  async buys(order: Order, occurredAt = this.occurredAt): Promise<Answer> {
    const body = purchaseBody(order, occurredAt, this.currency);
    const answer = await this.client.request('POST', '/v1/purchases', body);
    expect(answer).toMatchObject({ status: 202 });
    return answer;
  }

  async refunds(orderId: string, refund: Refund, occurredAt = this.occurredAt): Promise<Answer> {
    const body = { occurred_at: occurredAt, currency: this.currency, ...refund };
    const answer = await this.client.request('POST', `/v1/purchases/${orderId}/refunds`, body);
    expect(answer).toMatchObject({ status: 202 });
    return answer;
  }

  async does(engagement: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<void> {
    const body = { occurred_at: this.occurredAt, ...engagement };
    const { status, body: answer } = await this.client.request('POST', '/v1/engagements', body);
    if (status !== 202) throw new Error(`an engagement is answered ${status}: ${JSON.stringify(answer)}`);
  }

  async engaged(id: string): Promise<PurchaseStatus> {
    return eventually(async () => {
      const { status, body } = await this.client.request('GET', `/v1/engagements/${id}`);
      if (status !== 200) throw new Error(`engagement ${id} is not known yet`);
      return body as PurchaseStatus;
    });
  }

  /** Moves the clock of a test program and waits until every room has followed. */
  async clockTo(instant: string): Promise<void> {
    const answer = await this.client.request('POST', '/v1/program/clock', { advance_to: instant });
    expect(answer).toMatchObject({ status: 200 });
  }

  redeems(redemption: Redemption): Promise<Answer> {
    const body = { wallet: 'points', ...redemption };
    return this.client.request('POST', '/v1/redemptions', body, redemption.redemption_id);
  }

  async lots(memberId: string, wallet = 'points'): Promise<readonly LotStatus[]> {
    return (await this.reads.lots(memberId, wallet)) as readonly LotStatus[];
  }

  /** Undefined while no event of the order has been handled. */
  async purchase(orderId: string): Promise<PurchaseStatus | undefined> {
    return (await this.reads.purchase(orderId)) as PurchaseStatus | undefined;
  }

  async decided(orderId: string): Promise<PurchaseStatus> {
    return eventually(async () => {
      const purchase = await this.purchase(orderId);
      if (purchase?.state !== 'decided')
        throw new Error(`${orderId} is ${purchase?.state ?? 'not known yet'}`);
      return purchase;
    });
  }

  /** Units per rule. */
  async awards(orderId: string): Promise<Record<string, number>> {
    const awards = await this.reads.awards(orderId);
    return Object.fromEntries(awards.map(({ rule, amount }) => [rule, amount]));
  }

  /** [pending, available, held, debt] of the wallet `points`; zeros for a member whom the ledger does not know. */
  async wallet(memberId: string): Promise<readonly [number, number, number, number]> {
    const wallets = await this.reads.wallets(memberId);
    const points = wallets.find(({ wallet }) => wallet === 'points');
    return points ? [points.pending, points.available, points.held, points.debt] : [0, 0, 0, 0];
  }
}
