import { Controller, Get, Param } from '@nestjs/common';
import { AsCaller, NeedsScope, Problem, TakesQuery, type Caller } from '@kizuna/service';
import { WalletsQuery } from '../../storage/wallets.query.js';
import { walletBody } from '../../wire/bodies.js';

/** Balances. A member whom the ledger has never heard of, or of another program, is not found. */
@Controller('v1/members/:memberId/wallets')
export class ReadWalletsController {
  constructor(private readonly ledger: WalletsQuery) {}

  @Get()
  @NeedsScope('wallets:read')
  @TakesQuery()
  async list(@AsCaller() { programId }: Caller, @Param('memberId') memberId: string): Promise<object> {
    const rows = await this.ledger.wallets(programId, memberId);
    if (rows.length === 0) throw new Problem(404, 'not_found', { detail: 'this member has no wallet yet' });
    return { member_id: memberId, wallets: rows.map(walletBody) };
  }

  @Get(':wallet')
  @NeedsScope('wallets:read')
  @TakesQuery()
  async read(
    @AsCaller() { programId }: Caller,
    @Param('memberId') memberId: string,
    @Param('wallet') wallet: string,
  ): Promise<object> {
    const row = (await this.ledger.wallets(programId, memberId)).find((known) => known.wallet === wallet);
    if (!row) throw new Problem(404, 'not_found', { detail: 'this member has no such wallet yet' });
    return { member_id: memberId, ...walletBody(row) };
  }
}
