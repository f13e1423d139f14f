import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query, UseGuards } from '@nestjs/common';
import { ParkedEventRefusal, ParkedEvents, type ParkedEvent } from '@kizuna/messaging';
import { IsObject, IsString, Length } from 'class-validator';
import { Open } from '../caller.js';
import { OperatorGuard } from '../operator.guard.js';
import { pageOf, pageRequest, type Page } from '../paging.js';
import { Problem } from '../problem.js';

export class ReplayRequest {
  @IsString()
  @Length(1, 249)
  topic: string = '';

  @IsString()
  @Length(1, 500)
  key: string = '';

  /** Who asks; it is kept with the event. */
  @IsString()
  @Length(1, 100)
  actor: string = '';
}

export class DiscardRequest {
  @IsString()
  @Length(3, 500)
  reason: string = '';

  @IsString()
  @Length(1, 100)
  actor: string = '';
}

export class ResubmitRequest extends DiscardRequest {
  /** The whole event (CloudEvent) that takes the place of the parked one. */
  @IsObject()
  event: object = {};
}

const STATUS = { not_found: 404, not_parked: 409, no_key: 422, unreadable: 422 } as const satisfies Record<
  ParkedEventRefusal['code'],
  number
>;

/** What could not be handled: look at it, handle it again, put an edited one in its place, or give it up. */
@Controller('internal/parked')
@Open()
@UseGuards(OperatorGuard)
export class ParkedController {
  constructor(private readonly parked: ParkedEvents) {}

  @Get()
  async list(
    @Query('state') state = 'parked',
    @Query('topic') topic?: string,
    @Query('key') key?: string,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): Promise<Page<object>> {
    if (state !== 'parked' && state !== 'replayed' && state !== 'discarded')
      throw new Problem(400, 'invalid_request', { detail: 'state is parked, replayed or discarded' });
    const scope = `parked ${state} ${topic ?? ''} ${key ?? ''}`;
    const page = pageRequest(scope, 1, { limit, cursor });
    const after = Number(page.after?.[0] ?? 0);
    const rows = await this.parked.list({ state, topic, key, after, limit: page.limit + 1 });
    return pageOf(scope, rows, page.limit, { key: ({ id }: ParkedEvent) => [String(id)], item: parkedBody });
  }

  @Get(':id')
  async show(@Param('id', ParseIntPipe) id: number): Promise<object> {
    return asked(async () => {
      const event = await this.parked.show(id);
      return {
        ...parkedBody(event),
        value: event.value?.toString('utf8') ?? null,
        value_base64: event.value?.toString('base64') ?? null,
      };
    });
  }

  @Post('replay')
  @HttpCode(200)
  async replay(@Body() { topic, key, actor }: ReplayRequest): Promise<object> {
    return asked(async () => {
      const { replayed, stoppedAt } = await this.parked.replay(topic, key, actor);
      return { replayed, stopped_at: stoppedAt ?? null };
    });
  }

  @Post(':id/discard')
  @HttpCode(200)
  async discard(
    @Param('id', ParseIntPipe) id: number,
    @Body() { reason, actor }: DiscardRequest,
  ): Promise<object> {
    return asked(async () => parkedBody(await this.parked.discard(id, reason, actor)));
  }

  @Post(':id/resubmit')
  @HttpCode(200)
  async resubmit(@Param('id', ParseIntPipe) id: number, @Body() request: ResubmitRequest): Promise<object> {
    const value = Buffer.from(JSON.stringify(request.event));
    return asked(async () =>
      parkedBody(await this.parked.resubmit(id, value, request.reason, request.actor)),
    );
  }
}

async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParkedEventRefusal)
      throw new Problem(STATUS[error.code], error.code, { detail: error.message });
    throw error;
  }
}

function parkedBody(event: ParkedEvent): object {
  return {
    id: event.id,
    topic: event.topic,
    lane: event.lane,
    offset: event.offset,
    key: event.key,
    reason: event.reason ?? null,
    state: event.state,
    edited: event.isEdited,
    parked_at: event.parkedAt.toISOString(),
    resolved_at: event.resolvedAt?.toISOString() ?? null,
    resolved_by: event.resolvedBy ?? null,
    resolution: event.resolution ?? null,
  };
}
