import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { parseInstant } from '@kizuna/kernel';
import { cursorOf, NeedsScope, pageRequest, Problem, type CallerRequest, type Page } from '@kizuna/service';
import {
  BEGINNING,
  endOfPage,
  mergeActivity,
  unshown,
  type ActivityItem,
  type ActivityPage,
  type Placed,
  type Position,
} from '../../domain/merge-activity.js';
import { path } from '../../forwarding/path.js';
import { UPSTREAMS, Upstreams, type Upstream } from '../../forwarding/upstreams.js';
import { PageQuery } from '../../wire/page.query.js';

type Item = ActivityItem & { readonly source: Upstream };

/** `before`, `last` and whether it is at its end, of each room. */
const PARTS = 3;

/** Everything that happened to a member, newest first, put together from the rooms that know it. */
@Controller('v1/members/:id/activity')
export class ReadActivityController {
  constructor(private readonly upstreams: Upstreams) {}

  @Get()
  @NeedsScope('members:read')
  async list(
    @Req() request: CallerRequest,
    @Param('id') memberId: string,
    @Query() query: PageQuery,
  ): Promise<Page<Item>> {
    const scope = `activity ${request.caller?.programId} ${memberId}`;
    const page = pageRequest(scope, PARTS * UPSTREAMS.length, query);
    const lists = await Promise.all(
      UPSTREAMS.map((room, index) =>
        this.read(request, room, memberId, positionIn(page.after, index), page.limit),
      ),
    );
    const { items, positions } = mergeActivity(lists, page.limit);
    const isAtEnd = positions.every((position) => position.isAtEnd);
    return { items, next_cursor: isAtEnd ? null : cursorOf(scope, positions.flatMap(partsOf)) };
  }

  /** Enough of one room for a page, from where its list stands. */
  private async read(
    request: CallerRequest,
    room: Upstream,
    memberId: string,
    from: Position,
    limit: number,
  ): Promise<{ readonly start: Position; readonly placed: readonly Placed<Item>[] }> {
    const placed: Placed<Item>[] = [];
    let start = from;
    for (let at = from; !at.isAtEnd && placed.length < limit;) {
      const page = await this.page(request, room, memberId, limit, at.before);
      placed.push(...unshown(page, at));
      at = endOfPage(page.next);
      if (placed.length === 0) start = at;
    }
    return { start, placed };
  }

  private async page(
    { caller, id }: CallerRequest,
    room: Upstream,
    memberId: string,
    limit: number,
    before: string | undefined,
  ): Promise<ActivityPage<Item>> {
    if (!caller) throw new Error('a guarded route has a caller');
    const query = new URLSearchParams({ limit: String(limit), ...(before === undefined ? {} : { before }) });
    const answer = await this.upstreams.ask(room, {
      caller,
      correlationId: id,
      method: 'GET',
      path: `${path`/v1/members/${memberId}/activity`}?${query.toString()}`,
    });
    if (answer.status !== 200) throw refusalOf(room, answer.status);
    const { items, next } = JSON.parse(answer.body.toString('utf8')) as {
      readonly items: readonly ActivityItem[];
      readonly next?: string | null;
    };
    // A page of nothing is the last one, whatever it says: the list must come to an end.
    return {
      items: items.map((item) => ({ ...item, source: room })),
      next: items.length === 0 ? undefined : (next ?? undefined),
    };
  }
}

function positionIn(parts: readonly string[] | undefined, index: number): Position {
  if (!parts) return BEGINNING;
  const [before = '', last = '', end = ''] = parts.slice(PARTS * index);
  if (last !== '' && parseInstant(last.slice(0, last.indexOf(' '))) === undefined)
    throw new Problem(400, 'invalid_cursor');
  return { before: before || undefined, last: last || undefined, isAtEnd: end !== '' };
}

function partsOf({ before = '', last = '', isAtEnd }: Position): string[] {
  return [before, last, isAtEnd ? 'end' : ''];
}

function refusalOf(room: Upstream, status: number): Problem {
  if (status === 400) return new Problem(400, 'invalid_cursor', { detail: `${room} knows no such place` });
  if (status === 404) return new Problem(404, 'not_found');
  return new Problem(503, 'upstream_unavailable', { detail: `${room} answered ${status}`, retryAfter: 2 });
}
