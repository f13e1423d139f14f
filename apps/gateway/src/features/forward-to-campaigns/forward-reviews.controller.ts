import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';

/** What campaigns leaves to a person to decide. */
@Controller('v1/reviews')
export class ForwardReviewsController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get()
  @NeedsScope('reviews:write')
  reviews(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/reviews');
  }

  @Get(':id')
  @NeedsScope('reviews:write')
  review(@Req() request: CallerRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/reviews/${id}`);
  }

  @Post(':id/release')
  @NeedsScope('reviews:write')
  release(@Req() request: CallerRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', path`/v1/reviews/${id}/release`, 'accepted');
  }

  @Post(':id/refuse')
  @NeedsScope('reviews:write')
  refuse(@Req() request: CallerRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    return this.forwarder.command(request, reply, 'campaigns', path`/v1/reviews/${id}/refuse`, 'accepted');
  }
}
