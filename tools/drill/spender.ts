import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.js';
import type { Answer, FrontDoors } from './front-doors.js';
import { REVIEW } from './rules.js';
import { REDEMPTIONS, resultsOf, type SentRedemption } from './sent.js';
import {
  engagementEvent,
  isEngagement,
  purchaseEvent,
  refundEvent,
  saleLine,
  subjectOf,
  type StoreEvent,
} from './store-events.js';

const LOOK_EVERY_MS = 150;
const COMPETING_MOST = 4;
const CHANCES = { spends: 0.7, sentTwice: 0.2, earlierAgain: 0.15 } as const;

interface SpenderParts {
  readonly member: string;
  readonly number: number;
  readonly doors: FrontDoors;
  readonly chance: Chance;
  isOver(): boolean;
}

interface Awarded {
  readonly state?: string;
  readonly awards?: readonly { readonly amount: number; readonly clawback_total: number }[];
  readonly refunds?: readonly { readonly refund_id: string; readonly state: string }[];
}

/**
 * A member who spends. It sends one event, waits until what it earned or lost by it is in its wallet, and then lets several
 * redemptions compete for what is there: so nothing is on its way, and whether each has to be accepted can be judged.
 */
export class Spender {
  readonly refused: string[] = [];
  acknowledged = 0;
  /**
   * Orders with a single award. Which of two lots of one order paid is decided by their ids, which the calculation does not
   * know; while nothing is taken back from one of them, it does not matter.
   */
  private refundable: { readonly orderId: string; readonly paidMinor: number }[] = [];
  private readonly earned = new Map<string, readonly number[]>();
  private readonly spent = new Map<string, SentRedemption>();
  private redeemed = 0;
  private turns = 0;

  constructor(private readonly parts: SpenderParts) {}

  async run(): Promise<void> {
    const { chance, isOver } = this.parts;
    while (!isOver()) {
      this.turns += 1;
      if (!(await this.earnOrLose())) return;
      if (chance.happens(CHANCES.spends)) await this.spend();
    }
  }

  /** @returns false when it was over before the effect could be seen */
  private async earnOrLose(): Promise<boolean> {
    const { chance, member } = this.parts;
    const kind = chance.weighted({ purchase: 5, engagement: 1, refund: this.refundable.length > 0 ? 2 : 0 });
    const name = `${member}-${this.turns}`;
    if (kind === 'engagement') return this.sendAndSee(engagementEvent(name, member, REVIEW));
    if (kind === 'refund') {
      const { orderId, paidMinor } = chance.pick(this.refundable);
      this.refundable = this.refundable.filter((order) => order.orderId !== orderId);
      const amount = chance.whole(1, paidMinor);
      const what = chance.happens(0.5) ? { full: true } : { amount_minor: amount };
      return this.sendAndSee(refundEvent(`r-${name}`, orderId, member, what), `r-${name}`);
    }
    const paidMinor = chance.whole(100, 30_000);
    const isSeen = await this.sendAndSee(purchaseEvent(name, member, [saleLine('1', 'SPENT', 1, paidMinor)]));
    if (this.earned.get(name)?.length === 1) this.refundable.push({ orderId: name, paidMinor });
    return isSeen;
  }

  private async sendAndSee(event: StoreEvent, refundId?: string): Promise<boolean> {
    const { doors, number, isOver } = this.parts;
    const refused = resultsOf(await doors.send('/v1/events', [event], number + this.turns), [event]);
    this.refused.push(...refused);
    this.acknowledged += 1 - refused.length;
    const subject = subjectOf(event);
    const path = isEngagement(event) ? `/v1/engagements/${subject}` : `/v1/purchases/${subject}`;
    for (; !isOver(); await sleep(LOOK_EVERY_MS)) {
      const status = seen<Awarded>(await doors.read(path));
      const isThere =
        status?.state === 'decided' &&
        (refundId === undefined || status.refunds?.some((refund) => refund.refund_id === refundId));
      if (!isThere) continue;
      const awards = status.awards ?? [];
      this.earned.set(
        subject,
        awards.map((award) => award.amount - award.clawback_total),
      );
      return this.seeInWallet();
    }
    return false;
  }

  private async seeInWallet(): Promise<boolean> {
    const { doors, member, isOver } = this.parts;
    for (; !isOver(); await sleep(LOOK_EVERY_MS)) {
      const answer = await doors.read(`/v1/members/${member}/wallets/points`);
      const wallet = answer?.status === 404 ? { available: 0, debt: 0 } : seen<Figures>(answer);
      if (wallet && wallet.available - wallet.debt === this.owned()) return true;
    }
    return false;
  }

  /** Less than nothing: what is owed. */
  private owned(): number {
    return [...this.earned.values()].flat().reduce((sum, units) => sum + units, -this.redeemed);
  }

  private async spend(): Promise<void> {
    const { chance, member } = this.parts;
    const most = Math.max(20, this.owned());
    const wanted = Array.from({ length: chance.whole(1, COMPETING_MOST) }, (_, index) => ({
      redemption_id: `${member}-s${this.turns}-${index + 1}`,
      member_id: member,
      wallet: 'points',
      units: Math.max(1, Math.floor(most * (0.2 + chance.fraction()))),
    }));
    const sent = wanted.flatMap((one) => (chance.happens(CHANCES.sentTwice) ? [one, one] : [one]));
    if (this.spent.size > 0 && chance.happens(CHANCES.earlierAgain))
      sent.push(chance.pick([...this.spent.values()]));
    const statuses = await Promise.all(sent.map((redemption, index) => this.redeem(redemption, index)));
    sent.forEach((redemption, index) => {
      if (this.spent.has(redemption.redemption_id)) return;
      this.spent.set(redemption.redemption_id, redemption);
      if (statuses[index] === 201) this.redeemed += redemption.units;
    });
  }

  private async redeem(redemption: SentRedemption, index: number): Promise<number> {
    const { doors, number, member } = this.parts;
    const { status, body } = await doors.send(REDEMPTIONS, redemption, number + index, {
      idempotencyKey: redemption.redemption_id,
      together: `${member} ${this.turns}`,
    });
    if (status !== 201 && status !== 422)
      this.refused.push(`redemption ${redemption.redemption_id}: ${status} ${JSON.stringify(body)}`);
    return status;
  }
}

interface Figures {
  readonly available: number;
  readonly debt: number;
}

const seen = <Body>(answer: Answer | undefined): Body | undefined =>
  answer?.status === 200 ? (answer.body as Body) : undefined;
