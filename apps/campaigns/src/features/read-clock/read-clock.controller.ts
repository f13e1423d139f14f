import { Controller, Get } from '@nestjs/common';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { ProgramsRepository } from '../../storage/programs.repository.js';

/** How far this room is with the settings of a program. It has nothing to do by its clock, so what is applied is settled. */
@Controller('v1/clock')
export class ReadClockController {
  constructor(private readonly programs: ProgramsRepository) {}

  @Get()
  @NeedsScope('settings:read')
  async read(@AsCaller() { programId }: Caller): Promise<object> {
    const settings = await this.programs.find(programId);
    if (!settings)
      throw new Problem(404, 'not_known_yet', {
        detail: 'the settings of this program are still on their way',
        retryAfter: 1,
      });
    return { clock_at: settings.clock_at ?? null, settings_revision: settings.revision, settled: true };
  }
}
