import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import { Intake, type Receipt } from '../../intake/intake.js';
import { prepareRefundOf } from '../../intake/prepare-refund.js';

@Controller('v1/purchases/:orderId/refunds')
export class AcceptRefundController {
  constructor(private readonly intake: Intake) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('events:write')
  accept(
    @Req() request: CallerRequest,
    @Param('orderId') orderId: string,
    @Body() body: unknown,
  ): Promise<Receipt> {
    return this.intake.acceptOne(request, (intaker) => prepareRefundOf(orderId, body, intaker));
  }
}
