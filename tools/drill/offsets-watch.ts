import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from '@kizuna/messaging';
import type { LanePosition } from './storage/positions.js';

const EVERY_MS = 1_000;

/** The consumer group of a room with the names as the broker knows them. */
export interface WatchedGroup {
  readonly group: string;
  readonly topic: string;
  readonly topicOnBroker: string;
  positions(): Promise<readonly LanePosition[]>;
}

/** Looks again and again whether a committed offset has passed what the database says was handled. */
export class OffsetsWatch {
  readonly violations: string[] = [];
  comparisons = 0;
  private running: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly admin: Admin,
    private readonly groups: readonly WatchedGroup[],
  ) {}

  start(): void {
    this.running = this.repeat();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  /** Positions only grow, so the commits are read first: a position read later can only make them look better. */
  async compare(): Promise<void> {
    for (const { group, topic, topicOnBroker, positions } of this.groups) {
      const committed = (await this.admin.groupOffsets(group)).get(topicOnBroker) ?? [];
      const known = await positions();
      for (const { partition, offset } of committed) {
        const next = known.find((lane) => lane.topic === topic && lane.lane === partition)?.nextOffset ?? 0;
        this.comparisons += 1;
        if (offset > next)
          this.violations.push(
            `${group}: ${topic}/${partition} is committed at ${offset}, handled to ${next}`,
          );
      }
    }
  }

  private async repeat(): Promise<void> {
    while (!this.isOver) {
      // The broker or the database may be away: then there is nothing to compare.
      await this.compare().catch(() => undefined);
      await sleep(EVERY_MS);
    }
  }
}
