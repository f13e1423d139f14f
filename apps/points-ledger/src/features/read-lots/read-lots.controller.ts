import { Controller, Get, Param } from '@nestjs/common';
import { AsCaller, NeedsScope, TakesQuery, type Caller } from '@kizuna/service';
import { WalletsQuery } from '../../storage/wallets.query.js';
import { lotBody } from '../../wire/bodies.js';

/** The lots that a balance consists of, in the order in which they will be spent. */
@Controller('v1/members/:memberId/wallets/:wallet/lots')
export class ReadLotsController {
  constructor(private readonly ledger: WalletsQuery) {}

  @Get()
  @NeedsScope('wallets:read')
  @TakesQuery()
  async list(
    @AsCaller() { programId }: Caller,
    @Param('memberId') memberId: string,
    @Param('wallet') wallet: string,
  ): Promise<object> {
    return { items: (await this.ledger.lots(programId, memberId, wallet)).map(lotBody) };
  }
}
