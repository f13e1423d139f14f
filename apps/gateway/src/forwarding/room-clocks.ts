import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Problem, Readiness, ROOM_CONFIG, type Caller } from '@kizuna/service';
import type { GatewayConfig } from '../gateway.config.js';
import { UPSTREAMS, Upstreams, type Upstream } from './upstreams.js';

const ASK_AGAIN_MS = 100;
const ANSWER_WITHIN_MS = 2_000;

/** How far a room is with the settings of a program; `settled`: everything that is due by its clock is done. */
export interface RoomClock {
  readonly room: Upstream;
  /** null while the room does not answer. */
  readonly settings_revision: number | null;
  readonly settled: boolean;
}

/** Waits until every room has come to a revision of a program's settings. */
@Injectable()
export class RoomClocks {
  constructor(
    @Inject(ROOM_CONFIG) private readonly config: GatewayConfig,
    private readonly upstreams: Upstreams,
    private readonly readiness: Readiness,
  ) {}

  /** @returns the rooms as they answered last, when all of them have come so far or patience is at its end */
  async follow(
    { programId, actor }: Caller,
    correlationId: string,
    revision: number,
  ): Promise<{ readonly isSettled: boolean; readonly rooms: readonly RoomClock[] }> {
    // The gateway asks for itself: for this, the rights of whoever moves the clock do not count.
    const caller: Caller = { programId, actor, scopes: new Set(['settings:read']) };
    const until = performance.now() + this.config.clockPatienceMs;
    for (;;) {
      const rooms = await Promise.all(UPSTREAMS.map((room) => this.clockOf(room, caller, correlationId)));
      const isSettled = rooms.every(
        ({ settings_revision, settled }) => settled && (settings_revision ?? 0) >= revision,
      );
      if (isSettled || performance.now() > until || this.readiness.isStopping()) return { isSettled, rooms };
      await delay(ASK_AGAIN_MS);
    }
  }

  private async clockOf(room: Upstream, caller: Caller, correlationId: string): Promise<RoomClock> {
    const question = {
      caller,
      correlationId,
      method: 'GET',
      path: '/v1/clock',
      timeoutMs: ANSWER_WITHIN_MS,
    };
    const answer = await this.upstreams.ask(room, question).catch((error: unknown) => {
      // A room that is away now may be back before patience is at its end.
      if (error instanceof Problem) return undefined;
      throw error;
    });
    if (answer?.status !== 200) return { room, settings_revision: null, settled: false };
    const { settings_revision, settled } = JSON.parse(answer.body.toString('utf8')) as RoomClock;
    return { room, settings_revision, settled };
  }
}
