import { Controller, Get, Query } from '@nestjs/common';
import { AsCaller, NeedsScope, pageOf, pageRequest, Problem, type Caller, type Page } from '@kizuna/service';
import { PurchasesQuery, type AwardRecord } from '../../storage/purchases.query.js';
import { OnlyParameters, type Parameters } from '../../wire/only-parameters.js';
import { awardBody } from '../../wire/award-body.js';

const parameters = new OnlyParameters('order_id', 'member_id', 'limit', 'cursor');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Awards of one order, or of one member, newest first. */
@Controller('v1/awards')
export class ReadAwardsController {
  constructor(private readonly purchases: PurchasesQuery) {}

  @Get()
  @NeedsScope('purchases:read')
  async list(
    @AsCaller() { programId }: Caller,
    @Query(parameters) query: Parameters<'order_id' | 'member_id' | 'limit' | 'cursor'>,
  ): Promise<Page<object>> {
    const { order_id: orderId, member_id: memberId, limit, cursor } = query;
    const [asked = '', ...more] = [orderId, memberId].filter((id) => id !== undefined);
    if (asked === '' || more.length > 0)
      throw new Problem(400, 'invalid_request', {
        detail: 'ask for the awards of one order_id or of one member_id',
      });
    if (orderId !== undefined) {
      const rows = await this.purchases.awardsOfOrder(programId, asked);
      return { items: rows.map(awardBody), next_cursor: null };
    }
    const scope = `awards ${programId} ${asked}`;
    const page = pageRequest(scope, 1, { limit, cursor });
    const after = page.after?.[0];
    if (after !== undefined && !UUID.test(after)) throw new Problem(400, 'invalid_cursor');
    const rows = await this.purchases.awardsOfMember(programId, asked, page.limit + 1, after);
    return pageOf(scope, rows, page.limit, { key: (row: AwardRecord) => [row.award_id], item: awardBody });
  }
}
