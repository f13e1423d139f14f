import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';

/** Rules, decisions and their explanations are answered by campaigns. */
@Controller('v1')
export class ForwardToCampaignsController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get('purchases/:orderId')
  @NeedsScope('purchases:read')
  purchase(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('orderId') orderId: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/purchases/${orderId}`);
  }

  @Get('awards')
  @NeedsScope('purchases:read')
  awards(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/awards');
  }

  @Get('rules')
  @NeedsScope('rules:read')
  rules(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/rules');
  }

  @Post('rules')
  @NeedsScope('rules:write')
  createRule(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/rules');
  }

  @Get('rules/:code')
  @NeedsScope('rules:read')
  rule(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/rules/${code}`);
  }
}
