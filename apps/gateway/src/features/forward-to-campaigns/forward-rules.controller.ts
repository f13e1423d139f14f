import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';

/** Earning rules belong to campaigns. */
@Controller('v1/rules')
export class ForwardRulesController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get()
  @NeedsScope('rules:read')
  rules(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/rules');
  }

  @Post()
  @NeedsScope('rules:write')
  create(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', '/v1/rules', 'accepted');
  }

  @Get(':code')
  @NeedsScope('rules:read')
  rule(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/rules/${code}`);
  }

  @Post(':code/pause')
  @NeedsScope('rules:write')
  pause(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', path`/v1/rules/${code}/pause`, 'accepted');
  }

  @Post(':code/resume')
  @NeedsScope('rules:write')
  resume(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', path`/v1/rules/${code}/resume`, 'accepted');
  }

  @Post(':code/end')
  @NeedsScope('rules:write')
  end(@Req() request: CallerRequest, @Res() reply: FastifyReply, @Param('code') code: string): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', path`/v1/rules/${code}/end`, 'accepted');
  }
}
