import { Controller, Get, UseGuards } from '@nestjs/common';
import { Database } from '@kizuna/database';
import {
  KafkaChunksStrategy,
  lanePositions,
  LagWatch,
  outboxBacklog,
  parkedCounts,
  relayProgress,
} from '@kizuna/messaging';
import { Open } from '../caller.js';
import { OperatorGuard } from '../operator.guard.js';

/** How far this room has come: what it has consumed, what of its outbox is published, what waits. */
@Controller('internal')
@Open()
@UseGuards(OperatorGuard)
export class ProgressController {
  constructor(
    private readonly database: Database,
    private readonly strategy: KafkaChunksStrategy,
    private readonly lags: LagWatch,
  ) {}

  @Get('progress')
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

  @Get('lag')
  async lag(): Promise<object> {
    const [lags, backlog, parked] = await Promise.all([
      this.lags.read(this.strategy.topics()),
      outboxBacklog(this.database),
      parkedCounts(this.database),
    ]);
    return {
      lanes: lags.map(({ topic, lane, nextOffset, low, high, messages, seconds }) => ({
        topic,
        lane,
        next_offset: nextOffset,
        low,
        high,
        messages,
        seconds,
      })),
      outbox: { events: backlog.events, oldest_seconds: backlog.oldestSeconds },
      parked,
    };
  }
}
