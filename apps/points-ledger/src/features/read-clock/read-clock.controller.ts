import { Controller, Get } from '@nestjs/common';
import { formatInstant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, TakesQuery, type Caller } from '@kizuna/service';
import { DueLotsQuery } from '../../storage/due-lots.query.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';

/** Where this room stands in the time of a program: which settings it has, and whether all that was due by then is posted. */
@Controller('v1/clock')
export class ReadClockController {
  constructor(
    private readonly programs: ProgramsRepository,
    private readonly due: DueLotsQuery,
  ) {}

  @Get()
  @NeedsScope('settings:read')
  @TakesQuery()
  async read(@AsCaller() { programId }: Caller): Promise<object> {
    const present = await this.programs.present(programId);
    if (!present)
      throw new Problem(404, 'not_found', { detail: 'the settings of this program are still on their way' });
    const { now, clockAt, settingsRevision } = present;
    return {
      room: 'points-ledger',
      settings_revision: settingsRevision,
      clock_at: clockAt ?? null,
      now: formatInstant(now),
      settled: await this.due.isSettled(programId, now),
    };
  }
}
