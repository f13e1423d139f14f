import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Forwarder } from '../../forwarding/forwarder.js';
import { path } from '../../forwarding/path.js';
import { checkQuote } from '../../intake/check-quote.js';
import { Intake } from '../../intake/intake.js';

/** Decisions with their explanations, and quotes, are answered by campaigns. */
@Controller('v1')
export class ForwardToCampaignsController {
  constructor(
    private readonly forwarder: Forwarder,
    private readonly intake: Intake,
  ) {}

  @Get('purchases/:orderId')
  @NeedsScope('purchases:read')
  purchase(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('orderId') orderId: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/purchases/${orderId}`);
  }

  @Get('engagements/:id')
  @NeedsScope('purchases:read')
  engagement(
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', path`/v1/engagements/${id}`);
  }

  @Get('awards')
  @NeedsScope('purchases:read')
  awards(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/awards');
  }

  /** Has no effect, so it needs no key. Campaigns is asked about carts that this door would take in. */
  @Post('quotes')
  @NeedsScope('purchases:read')
  async quote(@Req() request: CallerRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.intake.check(request, (intaker) => checkQuote(request.body, intaker));
    return this.forwarder.forward(request, reply, 'campaigns', '/v1/quotes');
  }
}
