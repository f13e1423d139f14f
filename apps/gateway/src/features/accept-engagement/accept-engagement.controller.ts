import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { NeedsScope, type CallerRequest } from '@kizuna/service';
import { Intake, type Receipt } from '../../intake/intake.js';
import { prepareEngagement } from '../../intake/prepare-engagement.js';

@Controller('v1/engagements')
export class AcceptEngagementController {
  constructor(private readonly intake: Intake) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('events:write')
  accept(@Req() request: CallerRequest, @Body() body: unknown): Promise<Receipt> {
    return this.intake.acceptOne(request, (intaker) => prepareEngagement(body, intaker));
  }
}
