import { Inject, Injectable } from '@nestjs/common';
import { programNow } from '@kizuna/contracts';
import { instant, type Clock, type Decision } from '@kizuna/kernel';
import { CLOCK, Problem, type CallerRequest } from '@kizuna/service';
import type { IntakeRejection } from '../domain/intake-rejection.js';
import { Programs } from '../programs/programs.js';
import type { IntakeEvent, Intaker } from './intake-event.js';
import { IntakeProducer } from './intake-producer.js';
import { problemOf } from './problem-of.js';

export type Prepared = Decision<IntakeEvent, IntakeRejection>;

/** The answer to an event that is taken in. */
export interface Receipt {
  readonly event_id: string;
  /** Where the decision about it can be read, once there is one. */
  readonly status_url: string;
}

export function receiptOf({ eventId, statusUrl }: IntakeEvent): Receipt {
  return { event_id: eventId, status_url: statusUrl };
}

@Injectable()
export class Intake {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly programs: Programs,
    private readonly producer: IntakeProducer,
  ) {}

  /** Takes in one event. @throws Problem */
  async acceptOne(request: CallerRequest, prepare: (intaker: Intaker) => Prepared): Promise<Receipt> {
    const prepared = prepare(await this.intakerOf(request));
    if (!prepared.accepted) throw problemOf(prepared.rejection);
    await this.producer.publish([prepared.value]);
    return receiptOf(prepared.value);
  }

  /** Would it be taken in? @throws Problem as when it would not */
  async check(
    request: CallerRequest,
    check: (intaker: Intaker) => Decision<unknown, IntakeRejection>,
  ): Promise<void> {
    const checked = check(await this.intakerOf(request));
    if (!checked.accepted) throw problemOf(checked.rejection);
  }

  /** Takes in those of many that are sound, all with one acknowledgement. @throws Problem 503 for all of them */
  async acceptSound(
    request: CallerRequest,
    prepare: (intaker: Intaker) => readonly Prepared[],
  ): Promise<readonly Prepared[]> {
    const prepared = prepare(await this.intakerOf(request));
    await this.producer.publish(prepared.flatMap((one) => (one.accepted ? [one.value] : [])));
    return prepared;
  }

  private async intakerOf({ caller, id }: CallerRequest): Promise<Intaker> {
    const settings = caller && (await this.programs.settingsOf(caller.programId));
    if (!settings) throw new Problem(404, 'not_found', { detail: 'there is no such program' });
    const { program_id: programId, starts_at } = settings;
    const now = programNow(settings, this.clock.now(programId));
    return { programId, startsAt: instant(starts_at), now, correlationId: id };
  }
}
