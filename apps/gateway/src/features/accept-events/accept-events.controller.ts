import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { NeedsScope, Problem, type CallerRequest, type ProblemDocument } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { rejectionInside } from '../../domain/intake-rejection.js';
import { Intake, receiptOf, type Receipt } from '../../intake/intake.js';
import { problemOf } from '../../intake/problem-of.js';
import { prepareEvent } from './prepare-event.js';

const MAX_EVENTS = 1_000;

type Result = (Receipt & { readonly status: 202 }) | ProblemDocument;

@Controller('v1/events')
export class AcceptEventsController {
  constructor(private readonly intake: Intake) {}

  /** One event answers like its own endpoint; of an array each item has its result, in order. */
  @Post()
  @NeedsScope('events:write')
  async accept(
    @Req() request: CallerRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Receipt | { readonly results: readonly Result[] }> {
    void reply.status(202);
    if (!Array.isArray(body)) return this.intake.acceptOne(request, (intaker) => prepareEvent(body, intaker));

    const events: readonly unknown[] = body;
    if (events.length === 0 || events.length > MAX_EVENTS)
      throw new Problem(400, 'invalid_request', {
        detail: 'the request is not valid',
        errors: [{ pointer: '', detail: `must have 1 to ${MAX_EVENTS} events, not ${events.length}` }],
      });
    const prepared = await this.intake.acceptSound(request, (intaker) =>
      events.map((event) => prepareEvent(event, intaker)),
    );
    if (prepared.some(({ accepted }) => !accepted)) void reply.status(207);
    return {
      results: prepared.map((one, index) =>
        one.accepted
          ? { status: 202, ...receiptOf(one.value) }
          : problemOf(rejectionInside(`/${index}`, one.rejection)).document(),
      ),
    };
  }
}
