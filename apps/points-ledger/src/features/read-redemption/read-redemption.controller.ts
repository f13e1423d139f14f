import { Controller, Get, Param } from '@nestjs/common';
import { AsCaller, NeedsScope, Problem, TakesQuery, type Caller } from '@kizuna/service';
import { RedemptionsRepository } from '../../storage/redemptions.repository.js';

/** What became of a redemption. */
@Controller('v1/redemptions')
export class ReadRedemptionController {
  constructor(private readonly redemptions: RedemptionsRepository) {}

  @Get(':redemptionId')
  @NeedsScope('wallets:read')
  @TakesQuery()
  async read(
    @AsCaller() { programId }: Caller,
    @Param('redemptionId') redemptionId: string,
  ): Promise<object> {
    const known = await this.redemptions.find(programId, redemptionId);
    if (!known) throw new Problem(404, 'not_found', { detail: 'there is no such redemption' });
    const { memberId, wallet, units, answer, refusal, decidedAt } = known;
    if (refusal === undefined) return { state: 'redeemed', ...answer };
    return {
      state: 'refused',
      redemption_id: known.redemptionId,
      member_id: memberId,
      wallet,
      units,
      refusal: answer,
      refused_at: decidedAt,
    };
  }
}
