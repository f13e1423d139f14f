import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  AsCaller,
  NeedsScope,
  pageOf,
  pageRequest,
  Problem,
  TakesQuery,
  type Caller,
  type Page,
} from '@kizuna/service';
import { StatementQuery, type TransferRecord } from '../../storage/statement.query.js';
import { transferBody } from '../../wire/bodies.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What moved a wallet, newest first, each with a sentence that says so. */
@Controller('v1')
export class ReadTransfersController {
  constructor(private readonly statement: StatementQuery) {}

  @Get('members/:memberId/wallets/:wallet/transfers')
  @NeedsScope('wallets:read')
  @TakesQuery('limit', 'cursor')
  async list(
    @AsCaller() { programId }: Caller,
    @Param('memberId') memberId: string,
    @Param('wallet') wallet: string,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): Promise<Page<object>> {
    const scope = `transfers ${programId} ${memberId} ${wallet}`;
    const page = pageRequest(scope, 1, { limit, cursor });
    const rows = await this.statement.transfers(programId, memberId, wallet, page.limit + 1, page.after?.[0]);
    return pageOf(scope, rows, page.limit, { key: (row: TransferRecord) => [row.seq], item: transferBody });
  }

  @Get('transfers/:transferId')
  @NeedsScope('wallets:read')
  @TakesQuery()
  async read(@AsCaller() { programId }: Caller, @Param('transferId') transferId: string): Promise<object> {
    const row = UUID.test(transferId) ? await this.statement.transfer(programId, transferId) : undefined;
    if (!row) throw new Problem(404, 'not_found', { detail: 'there is no such transfer' });
    return transferBody(row);
  }
}
