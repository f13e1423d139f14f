import { Controller, Get } from '@nestjs/common';
import { completeSettings, type CompleteSettings } from '@kizuna/contracts';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { ProgramsRepository } from '../../storage/programs.repository.js';

@Controller('v1/program')
export class ReadProgramController {
  constructor(private readonly programs: ProgramsRepository) {}

  /** The caller's own program; there is no way to name another. The row is read: its revision is what a change names. */
  @Get()
  @NeedsScope('settings:read')
  async read(@AsCaller() { programId }: Caller): Promise<CompleteSettings> {
    const settings = await this.programs.settingsOf(programId);
    if (!settings) throw new Problem(404, 'not_found');
    return completeSettings(settings);
  }
}
