import { Controller, Get, UseGuards } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { lanePositions, relayProgress } from '@kizuna/messaging';
import { Open } from './caller.js';
import { OperatorGuard } from './operator.guard.js';

/** How far this room has come: what it has consumed, and what of its outbox is published. */
@Controller('internal/progress')
@Open()
@UseGuards(OperatorGuard)
export class ProgressController {
  constructor(private readonly database: Database) {}

  @Get()
  async progress(): Promise<object> {
    const [positions, relay] = await Promise.all([
      lanePositions(this.database),
      relayProgress(this.database),
    ]);
    return {
      positions: positions.map(({ topic, lane, nextOffset, epoch, owner }) => ({
        topic,
        lane,
        next_offset: nextOffset,
        epoch,
        owner,
      })),
      relay: relay.map(({ lane, owner, cursor, lastOutboxId }) => ({
        lane,
        owner,
        cursor,
        last_outbox_id: lastOutboxId,
      })),
    };
  }
}
