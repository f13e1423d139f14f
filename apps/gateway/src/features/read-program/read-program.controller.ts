import { Controller, Get } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { AsCaller, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { Programs } from '../../programs/programs.js';

@Controller('v1/program')
export class ReadProgramController {
  constructor(private readonly programs: Programs) {}

  /** The caller's own program; there is no way to name another. */
  @Get()
  @NeedsScope('settings:read')
  async read(@AsCaller() { programId }: Caller): Promise<ProgramSettings> {
    const settings = await this.programs.settingsOf(programId);
    if (!settings) throw new Problem(404, 'not_found');
    return settings;
  }
}
