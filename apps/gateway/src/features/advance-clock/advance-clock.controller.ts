import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { programNow } from '@kizuna/contracts';
import { formatInstant, instant, type Clock, type Instant } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller, type CallerRequest } from '@kizuna/service';
import { advanceClock, type ClockRejection } from '../../domain/advance-clock.js';
import { RoomClocks, type RoomClock } from '../../forwarding/room-clocks.js';
import { Programs } from '../../programs/programs.js';
import { SettingsRepository } from '../../storage/settings.repository.js';
import { AdvanceClockRequest } from './advance-clock.request.js';

interface ClockBody {
  readonly clock_at: string | null;
  readonly revision: number;
  readonly rooms: readonly RoomClock[];
}

@Controller('v1/program/clock')
export class AdvanceClockController {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly programs: Programs,
    private readonly rooms: RoomClocks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Moves the clock of a test program and waits for the rooms, so that whoever asks them next finds what is due done. The
   * clock has moved even when a room is late (504); the same again waits on.
   */
  @Post()
  @HttpCode(200)
  @NeedsScope('settings:write')
  async advance(
    @AsCaller() caller: Caller,
    @Req() request: CallerRequest,
    @Body() { advance_to }: AdvanceClockRequest,
  ): Promise<ClockBody> {
    const { programId, actor } = caller;
    const now = this.clock.now(programId);
    const decision = await this.settings.change(programId, { actor, now }, (current) =>
      advanceClock(current, { to: instant(advance_to), present: programNow(current, now) }),
    );
    if (!decision) throw new Problem(404, 'not_found');
    if (!decision.accepted) throw problemOf(decision.rejection);
    this.programs.forget(programId);
    const { revision, clock_at = null } = decision.value;
    const { isSettled, rooms } = await this.rooms.follow(caller, request.id, revision);
    if (isSettled) return { clock_at, revision, rooms };
    throw new Problem(504, 'clock_not_settled', {
      detail: 'the clock has moved, and not every room has followed yet: ask again',
      facts: { clock_at, revision, rooms },
    });
  }
}

const problems = {
  not_a_test_program: () =>
    new Problem(422, 'not_a_test_program', { detail: 'only a test program has a clock of its own' }),
  clock_moves_forward: ({ present }: { present: Instant }) =>
    new Problem(422, 'clock_moves_forward', {
      detail: `the clock only moves forward, and it is ${formatInstant(present)} now`,
      errors: [{ pointer: '/advance_to', detail: 'is in the past of the program' }],
      facts: { present: formatInstant(present) },
    }),
  clock_too_far: ({ latest }: { latest: Instant }) =>
    new Problem(422, 'clock_too_far', {
      detail: `a clock is moved up to ${formatInstant(latest)}`,
      errors: [{ pointer: '/advance_to', detail: `is after ${formatInstant(latest)}` }],
    }),
} satisfies {
  [Code in ClockRejection['code']]: (rejection: Extract<ClockRejection, { code: Code }>) => Problem;
};

function problemOf(rejection: ClockRejection): Problem {
  return problems[rejection.code](rejection as never);
}
