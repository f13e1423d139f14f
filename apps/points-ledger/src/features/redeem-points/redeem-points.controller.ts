import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { points } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, TakesQuery, type Caller } from '@kizuna/service';
import type { RedemptionRejection } from '../../domain/redeem.js';
import { requestHash, RedeemPointsHandler, type RedemptionCommand } from './redeem-points.handler.js';
import { RedeemPointsRequest } from './redeem-points.request.js';
import { problemOf } from './redemption-problems.js';

/** Spends units, once per redemption id. What was answered to an id, a refusal too, is answered again. */
@Controller('v1/redemptions')
export class RedeemPointsController {
  constructor(private readonly handler: RedeemPointsHandler) {}

  @Post()
  @HttpCode(201)
  @NeedsScope('redemptions:write')
  @TakesQuery()
  async redeem(@AsCaller() caller: Caller, @Body() request: RedeemPointsRequest): Promise<object> {
    const command = commandOf(caller, request);
    const decided = await this.handler.redeem(command);
    if (!decided)
      throw new Problem(503, 'program_not_ready', {
        detail: 'the settings of this program are still on their way',
        retryAfter: 1,
      });
    if (decided.requestHash !== requestHash(command))
      throw new Problem(409, 'redemption_conflict', {
        detail: `${command.redemptionId} is the id of another redemption`,
        errors: [{ pointer: '/redemption_id', detail: 'was used for something else' }],
      });
    if (decided.refusal !== undefined) throw problemOf(decided.answer as unknown as RedemptionRejection);
    return decided.answer;
  }
}

function commandOf({ programId, actor }: Caller, request: RedeemPointsRequest): RedemptionCommand {
  const { redemption_id, member_id, wallet, units, order, reason } = request;
  return {
    programId,
    memberId: member_id,
    wallet,
    redemptionId: redemption_id,
    units: points(units),
    order: order && {
      orderId: order.order_id,
      currency: order.currency,
      amountMinor: order.amount_minor,
    },
    reason,
    actor,
  };
}
