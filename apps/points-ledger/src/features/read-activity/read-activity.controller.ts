import { Controller, Get, Param, Query } from '@nestjs/common';
import { AsCaller, NeedsScope, pageRequest, Problem, TakesQuery, type Caller } from '@kizuna/service';
import { StatementQuery } from '../../storage/statement.query.js';
import {
  byPlace,
  cursorOf,
  placeOf,
  refusalItem,
  transferItem,
  type ActivityItem,
} from '../../wire/activity.js';

interface ActivityPage {
  readonly items: readonly ActivityItem[];
  /** Pass it as `before` for what is older; absent at the end. */
  readonly next?: string;
}

/** This room's share of what happened to a member; the gateway joins it with those of others. */
@Controller('v1/members/:memberId/activity')
export class ReadActivityController {
  constructor(private readonly statement: StatementQuery) {}

  @Get()
  @NeedsScope('members:read')
  @TakesQuery('limit', 'before')
  async list(
    @AsCaller() { programId }: Caller,
    @Param('memberId') memberId: string,
    @Query('limit') limit?: string,
    @Query('before') before?: string,
  ): Promise<ActivityPage> {
    const { limit: size } = pageRequest('activity', 1, { limit });
    const place = before === undefined ? undefined : placeOf(before);
    if (before !== undefined && !place)
      throw new Problem(400, 'invalid_cursor', { detail: 'before is not a place of this list' });
    const transfers = await this.statement.transfersBefore(programId, memberId, size + 1, place);
    const refusals = await this.statement.refusalsBefore(programId, memberId, size + 1, place);
    const items = [...transfers.map(transferItem), ...refusals.map(refusalItem)].sort(byPlace);
    const page = items.slice(0, size);
    const last = page.at(-1);
    return items.length > size && last ? { items: page, next: cursorOf(last) } : { items: page };
  }
}
