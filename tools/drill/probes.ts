import { setTimeout as sleep } from 'node:timers/promises';
import { LANES } from '@kizuna/contracts';
import { memberKey } from '@kizuna/kernel';
import { laneOf } from '@kizuna/messaging';
import type { Fault } from './fault.js';
import type { FrontDoors } from './front-doors.js';
import { resultsOf } from './sent.js';
import { purchaseEvent, saleLine } from './store-events.js';

const GIVE_UP_AFTER_MS = 180_000;
const ASK_EVERY_MS = 100;

/** Purchases of members of their own, one per lane: a fault is over when each of them has its points. */
export class Probes {
  readonly refused: string[] = [];

  constructor(
    private readonly doors: FrontDoors,
    private readonly programId: string,
  ) {}

  async measure(fault: Fault): Promise<void> {
    const members = this.membersOf(fault.number);
    const batch = members.map((member) =>
      purchaseEvent(`order-of-${member}`, member, [saleLine('1', 'PROBE', 1, 1_000)]),
    );
    this.refused.push(...resultsOf(await this.doors.send('/v1/events', batch, fault.number), batch));
    const until = Date.now() + GIVE_UP_AFTER_MS;
    for (let unseen = members; Date.now() < until; await sleep(ASK_EVERY_MS)) {
      const seen = await Promise.all(unseen.map((member) => this.hasPoints(member)));
      unseen = unseen.filter((_, index) => !seen[index]);
      if (unseen.length > 0) continue;
      fault.recoveredAt = Date.now();
      return;
    }
  }

  private async hasPoints(member: string): Promise<boolean> {
    const answer = await this.doors.read(`/v1/members/${member}/wallets/points`);
    return answer?.status === 200;
  }

  private membersOf(fault: number): string[] {
    const ofLane = new Map<number, string>();
    for (let number = 0; ofLane.size < LANES; number += 1) {
      const member = `probe-${fault}-${number}`;
      const lane = laneOf(memberKey(this.programId, member));
      if (!ofLane.has(lane)) ofLane.set(lane, member);
    }
    return [...ofLane.values()];
  }
}
