import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';

/** Spending is decided by the ledger. */
@Controller('v1/redemptions')
export class ForwardRedemptionsController {
  constructor(private readonly forwarder: Forwarder) {}

  /** Moves value, so whoever sends it must be able to send it again. */
  @Post()
  @NeedsScope('redemptions:write')
  redeem(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.command(request, reply, 'points-ledger', '/v1/redemptions', 'required');
  }

  @Get(':id')
  @NeedsScope('wallets:read')
  redemption(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'points-ledger', path`/v1/redemptions/${id}`);
  }
}
