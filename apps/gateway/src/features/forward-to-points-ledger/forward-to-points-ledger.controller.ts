import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';

/** Balances and what moved them are answered by the ledger. */
@Controller('v1')
export class ForwardToPointsLedgerController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get('members/:id/wallets')
  @NeedsScope('wallets:read')
  wallets(@Req() request: CallerRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    return this.forwarder.forward(request, reply, 'points-ledger', path`/v1/members/${id}/wallets`);
  }

  @Get('members/:id/wallets/:wallet')
  @NeedsScope('wallets:read')
  wallet(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('wallet') wallet: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'points-ledger', path`/v1/members/${id}/wallets/${wallet}`);
  }

  @Get('members/:id/wallets/:wallet/transfers')
  @NeedsScope('wallets:read')
  transfers(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('wallet') wallet: string,
  ): Promise<void> {
    return this.forwarder.forward(
      request,
      reply,
      'points-ledger',
      path`/v1/members/${id}/wallets/${wallet}/transfers`,
    );
  }

  @Get('members/:id/wallets/:wallet/lots')
  @NeedsScope('wallets:read')
  lots(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('wallet') wallet: string,
  ): Promise<void> {
    return this.forwarder.forward(
      request,
      reply,
      'points-ledger',
      path`/v1/members/${id}/wallets/${wallet}/lots`,
    );
  }

  @Get('transfers/:id')
  @NeedsScope('wallets:read')
  transfer(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'points-ledger', path`/v1/transfers/${id}`);
  }
}
