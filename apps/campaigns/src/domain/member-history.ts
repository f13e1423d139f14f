import { UNUSED, type CapUsage } from './cap.js';
import type { KnownWhenDeciding } from './known-when-deciding.js';
import type { Order } from './order.js';

/** What the rules in force ask about a member's past. */
export interface HistoryNeeds {
  readonly orders: boolean;
  /** Codes of the rules with a cap. */
  readonly capped: readonly string[];
}

/** Counts of one member, as far as they were loaded. */
export interface MemberHistory {
  readonly orders: number | undefined;
  usageOf(rule: string, month: string): CapUsage;
}

export const NO_HISTORY: MemberHistory = { orders: undefined, usageOf: () => UNUSED };

/** What of a member's past goes into a decision. */
export function knownFrom(
  history: MemberHistory,
  { orders, capped }: HistoryNeeds,
  month: () => string,
): KnownWhenDeciding {
  return {
    ...(orders ? { orders: history.orders ?? 0 } : {}),
    ...(capped.length > 0
      ? { usage: Object.fromEntries(capped.map((rule) => [rule, history.usageOf(rule, month())])) }
      : {}),
  };
}

/** A decided order of a member counts until all of it has come back. */
export function countsAsOrder({ purchase, isCancelled }: Order): boolean {
  return purchase !== undefined && !purchase.review && !purchase.isRefused && !isCancelled;
}

interface Given {
  readonly rule: string;
  readonly amount: bigint;
  readonly clawbackTotal: bigint;
}

/** What awards use up of their rules' caps. What was clawed back is room again; of an award that is gone, the count too. */
export function usageOfAwards(awards: readonly Given[]): Map<string, CapUsage> {
  const used = new Map<string, CapUsage>();
  for (const { rule, amount, clawbackTotal } of awards) {
    const { awards: count, units } = used.get(rule) ?? UNUSED;
    const left = amount - clawbackTotal;
    used.set(rule, { awards: count + (left > 0n ? 1 : 0), units: units + left });
  }
  return used;
}

const memberName = (programId: string, memberId: string): string => `${programId} ${memberId}`;
const usageName = (programId: string, memberId: string, rule: string, month: string): string =>
  `${programId} ${memberId} ${rule} ${month}`;

/** Counts of members as they were loaded for a chunk, carried on from event to event. */
export class MemberHistories {
  private readonly orders = new Map<string, number>();
  private readonly usage = new Map<string, CapUsage>();

  knowOrders(programId: string, memberId: string, orders: number): void {
    this.orders.set(memberName(programId, memberId), orders);
  }

  knowUsage(programId: string, memberId: string, rule: string, month: string, used: CapUsage): void {
    this.usage.set(usageName(programId, memberId, rule, month), used);
  }

  of(programId: string, memberId: string | null): MemberHistory {
    if (memberId === null) return NO_HISTORY;
    return {
      orders: this.orders.get(memberName(programId, memberId)),
      usageOf: (rule, month) => this.usage.get(usageName(programId, memberId, rule, month)) ?? UNUSED,
    };
  }

  /** An order changed: what was loaded of its member changes with it. */
  carryOn(before: Order, after: Order, monthOf: (order: Order) => string): void {
    const memberId = after.purchase?.memberId;
    if (memberId === undefined || memberId === null) return;
    const { programId } = after;
    const member = memberName(programId, memberId);
    const known = this.orders.get(member);
    const change = Number(countsAsOrder(after)) - Number(countsAsOrder(before));
    if (known !== undefined && change !== 0) this.orders.set(member, known + change);
    if (this.usage.size === 0 || before.awards === after.awards) return;
    this.carryOnUsage(programId, memberId, monthOf(after), before.awards, after.awards);
  }

  carryOnUsage(
    programId: string,
    memberId: string,
    month: string,
    before: readonly Given[],
    after: readonly Given[],
  ): void {
    const was = usageOfAwards(before);
    for (const [rule, now] of usageOfAwards(after)) {
      const name = usageName(programId, memberId, rule, month);
      const known = this.usage.get(name);
      const { awards, units } = was.get(rule) ?? UNUSED;
      if (known)
        this.usage.set(name, {
          awards: known.awards + now.awards - awards,
          units: known.units + now.units - units,
        });
    }
  }
}
